package io.tsdash.examples.logs;

import ch.qos.logback.classic.spi.ILoggingEvent;
import co.elastic.logging.JsonUtils;
import co.elastic.logging.logback.EcsEncoder;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.slf4j.event.KeyValuePair;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Lines of JSON in the fields of the Elastic Common Schema. Beside what its base writes there are the key-values of the event, and
 * the ids of the span that the thread works in unless the event names one. Secrets are taken out of each value by itself, so a line
 * stays JSON. Thread-safe once started.
 */
final class EcsLines extends EcsEncoder {
    private static final JsonFactory JSON = new JsonFactory();
    private static final String TRACE = "trace.id";
    private static final String SPAN = "span.id";

    @Override
    public byte[] encode(ILoggingEvent event) {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try (JsonParser from = JSON.createParser(ObjectReadContext.empty(), super.encode(event));
                JsonGenerator to = JSON.createGenerator(ObjectWriteContext.empty(), line)) {
            for (JsonToken token = from.nextToken(); token != null; token = from.nextToken()) {
                if (token == JsonToken.VALUE_STRING) {
                    to.writeString(Secrets.masked(from.getString()));
                } else {
                    to.copyCurrentEvent(from);
                }
            }
        }
        line.write('\n');
        return line.toByteArray();
    }

    @Override
    protected void addCustomFields(ILoggingEvent event, StringBuilder line) {
        List<KeyValuePair> pairs = event.getKeyValuePairs() == null ? List.of() : event.getKeyValuePairs();
        boolean named = false;
        for (KeyValuePair pair : pairs) {
            add(line, pair.key, pair.value);
            named |= pair.key.equals(TRACE);
        }
        SpanContext current = Span.current().getSpanContext();
        if (!named && current.isValid()) {
            add(line, TRACE, current.getTraceId());
            add(line, SPAN, current.getSpanId());
        }
    }

    private static void add(StringBuilder line, String key, Object value) {
        line.append('"');
        JsonUtils.quoteAsString(key, line);
        line.append("\":");
        if (value instanceof Long || value instanceof Integer || value instanceof Double || value instanceof Boolean) {
            line.append(value);
        } else {
            line.append('"');
            JsonUtils.quoteAsString(String.valueOf(value), line);
            line.append('"');
        }
        line.append(',');
    }
}
