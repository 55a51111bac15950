package io.tsdash.benchmarks.bus;

import java.io.ByteArrayOutputStream;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** The obvious bar as JSON, by Jackson's streaming: faster than the object mapper that most would take. */
final class OhlcvJson {
    private static final JsonFactory FACTORY = new JsonFactory();

    private OhlcvJson() {}

    static Serializer<Ohlcv> writer() {
        return (topic, bar) -> {
            if (bar == null) {
                return null;
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
            try (JsonGenerator out = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
                out.writeStartObject();
                out.writeNumberProperty("firstNanos", bar.firstNanos);
                out.writeNumberProperty("lastNanos", bar.lastNanos);
                out.writeNumberProperty("open", bar.open);
                out.writeNumberProperty("high", bar.high);
                out.writeNumberProperty("low", bar.low);
                out.writeNumberProperty("close", bar.close);
                out.writeNumberProperty("volume", bar.volume);
                out.writeNumberProperty("notional", bar.notional);
                out.writeNumberProperty("trades", bar.trades);
                out.writeEndObject();
            }
            return bytes.toByteArray();
        };
    }

    static Deserializer<Ohlcv> reader() {
        return (topic, bytes) -> {
            if (bytes == null) {
                return null;
            }
            Ohlcv bar = new Ohlcv();
            try (JsonParser in = FACTORY.createParser(ObjectReadContext.empty(), bytes)) {
                in.nextToken();
                while (in.nextToken() == JsonToken.PROPERTY_NAME) {
                    String name = in.currentName();
                    in.nextToken();
                    switch (name) {
                        case "firstNanos" -> bar.firstNanos = in.getLongValue();
                        case "lastNanos" -> bar.lastNanos = in.getLongValue();
                        case "open" -> bar.open = in.getDoubleValue();
                        case "high" -> bar.high = in.getDoubleValue();
                        case "low" -> bar.low = in.getDoubleValue();
                        case "close" -> bar.close = in.getDoubleValue();
                        case "volume" -> bar.volume = in.getDoubleValue();
                        case "notional" -> bar.notional = in.getDoubleValue();
                        default -> bar.trades = in.getLongValue();
                    }
                }
            }
            return bar;
        };
    }
}
