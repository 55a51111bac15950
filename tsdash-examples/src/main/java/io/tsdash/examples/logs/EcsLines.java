package io.tsdash.examples.logs;

import ch.qos.logback.classic.spi.ILoggingEvent;
import co.elastic.logging.JsonUtils;
import co.elastic.logging.logback.EcsEncoder;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.event.KeyValuePair;

/**
 * Lines of JSON in the fields of the Elastic Common Schema. Beside what its base writes there are the key-values of the event, and
 * the ids of the span that the thread works in unless the event names one. Thread-safe once started.
 */
final class EcsLines extends EcsEncoder {
    private static final String TRACE = "trace.id";
    private static final String SPAN = "span.id";

    @Override
    public byte[] encode(ILoggingEvent event) {
        return Secrets.masked(new String(super.encode(event), StandardCharsets.UTF_8))
                .getBytes(StandardCharsets.UTF_8);
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
