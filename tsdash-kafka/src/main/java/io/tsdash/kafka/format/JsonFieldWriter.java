package io.tsdash.kafka.format;

import java.io.ByteArrayOutputStream;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;

/** Writes JSON. What is infinite becomes a text, because JSON has no such number. */
final class JsonFieldWriter implements FieldWriter {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            // The JDK's own Double.toString gives more digits than needed before Java 19.
            .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
            .build();
    private static final int DEPTH_MAX = 4;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    private final JsonGenerator out = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes);
    private final Fields[] fields = new Fields[DEPTH_MAX];
    private int depth;

    @Override
    public void begin(Fields ofRecord) {
        out.writeStartObject();
        fields[depth++] = ofRecord;
    }

    @Override
    public void end() {
        out.writeEndObject();
        depth--;
    }

    @Override
    public void nested(int number) {
        name(number);
    }

    @Override
    public void list(int number, int size) {
        name(number);
        out.writeStartArray();
    }

    @Override
    public void endList() {
        out.writeEndArray();
    }

    @Override
    public void text(int number, String value) {
        name(number);
        out.writeString(value);
    }

    @Override
    public void integer(int number, long value) {
        name(number);
        out.writeNumber(value);
    }

    @Override
    public void number(int number, double value) {
        if (Double.isInfinite(value)) {
            text(number, Double.toString(value));
        } else if (!Double.isNaN(value)) {
            name(number);
            out.writeNumber(value);
        }
    }

    @Override
    public void flag(int number, boolean value) {
        name(number);
        out.writeBoolean(value);
    }

    @Override
    public byte[] toBytes() {
        out.close();
        return bytes.toByteArray();
    }

    private void name(int number) {
        out.writeName(fields[depth - 1].name(number));
    }
}
