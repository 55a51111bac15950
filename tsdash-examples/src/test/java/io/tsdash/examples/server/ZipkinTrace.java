package io.tsdash.examples.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A trace as Zipkin's API shows it.
 *
 * @param spans in the back end's order
 */
record ZipkinTrace(List<Span> spans) {
    /**
     * A span.
     *
     * @param parent empty for none
     */
    record Span(String traceId, String id, String parent, String name, long startMicros, long durationMicros) {}

    /** Reads a trace, or all spans of several. */
    static ZipkinTrace parse(String json) {
        List<Span> spans = new ArrayList<>();
        try (JsonParser parser = JsonFactory.builder().build().createParser(ObjectReadContext.empty(), json)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.START_OBJECT) {
                    spans.add(span(parser));
                }
            }
        }
        return new ZipkinTrace(spans);
    }

    private static Span span(JsonParser parser) {
        Map<String, String> fields = new HashMap<>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            if (parser.nextToken().isScalarValue()) {
                fields.put(name, parser.getString());
            } else {
                parser.skipChildren();
            }
        }
        return new Span(
                fields.getOrDefault("traceId", ""),
                fields.getOrDefault("id", ""),
                fields.getOrDefault("parentId", ""),
                fields.getOrDefault("name", ""),
                Long.parseLong(fields.getOrDefault("timestamp", "0")),
                Long.parseLong(fields.getOrDefault("duration", "0")));
    }

    /** Returns each span below the name of the one above it, {@code -} for one from elsewhere; in order of name. */
    List<String> tree() {
        Map<String, String> names = new HashMap<>();
        spans.forEach(span -> names.put(span.id(), span.name()));
        List<String> lines = new ArrayList<>();
        for (Span span : spans) {
            lines.add(names.getOrDefault(span.parent(), "-") + " > " + span.name());
        }
        lines.sort(null);
        return lines;
    }

    /** Returns {@link #tree} without repeats. */
    List<String> kinds() {
        return List.copyOf(new TreeSet<>(tree()));
    }
}
