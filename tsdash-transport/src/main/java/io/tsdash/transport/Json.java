package io.tsdash.transport;

import io.tsdash.delta.RecordBuffer;
import io.tsdash.delta.RecordSchema;
import io.tsdash.model.Trade;
import java.io.ByteArrayOutputStream;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;

/** How values look in JSON. Thread-safe. */
final class Json {
    private static final int DEPTH_MAX = 16;
    private static final JsonFactory FACTORY = JsonFactory.builder()
            // The JDK's own Double.toString gives more digits than needed before Java 19.
            .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(DEPTH_MAX).build())
            .build();

    private Json() {}

    /** Returns what the writing gives, in UTF-8. */
    static byte[] bytes(Consumer<JsonGenerator> writing) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        write(out, writing);
        return out.toByteArray();
    }

    static void write(ByteArrayOutputStream out, Consumer<JsonGenerator> writing) {
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            writing.accept(json);
        }
    }

    static JsonParser parser(byte[] utf8) {
        return FACTORY.createParser(ObjectReadContext.empty(), utf8);
    }

    /** Writes a row: the fields of the mask, null for those that are not present. */
    static void row(JsonGenerator json, RecordBuffer row, long fields, boolean removed) {
        row(json, row, fields, removed ? "removed" : "");
    }

    /** Writes a row and, unless it is empty, a mark that is true. */
    static void row(JsonGenerator json, RecordBuffer row, long fields, String mark) {
        json.writeStartObject();
        fields(json, row, fields);
        if (!mark.isEmpty()) {
            json.writeBooleanProperty(mark, true);
        }
        json.writeEndObject();
    }

    /** Writes the fields of the mask, null for those that are not present. */
    static void fields(JsonGenerator json, RecordBuffer row, long fields) {
        RecordSchema schema = row.schema();
        for (long rest = fields; rest != 0; rest &= rest - 1) {
            int field = Long.numberOfTrailingZeros(rest);
            json.writeName(schema.name(field));
            if (row.isPresent(field)) {
                value(json, row, field);
            } else {
                json.writeNull();
            }
        }
    }

    private static void value(JsonGenerator json, RecordBuffer row, int field) {
        switch (row.schema().kind(field)) {
            case DOUBLE -> json.writeNumber(row.getDouble(field));
            case LONG -> json.writeNumber(row.getLong(field));
            case TIME, ID -> json.writeString(Long.toString(row.getLong(field)));
            case BOOLEAN -> json.writeBoolean(row.getBoolean(field));
            case TEXT -> json.writeString(row.getText(field));
            case VERSION -> {
                if (row.getLong(field) == Trade.CANCELLED) {
                    json.writeString("CANCELLED");
                } else {
                    json.writeNumber(row.getLong(field));
                }
            }
            case TEXTS -> {
                json.writeStartArray();
                row.getTexts(field).forEach(json::writeString);
                json.writeEndArray();
            }
        }
    }
}
