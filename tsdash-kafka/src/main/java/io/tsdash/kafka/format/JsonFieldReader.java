package io.tsdash.kafka.format;

import io.tsdash.error.InvalidInputException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Reads JSON. A field that is null counts as not there. */
final class JsonFieldReader implements FieldReader {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final int DEPTH_MAX = 4;

    private final JsonParser in;
    private final Fields[] fields = new Fields[DEPTH_MAX];
    private int depth;
    private int number;

    JsonFieldReader(byte[] bytes) {
        in = FACTORY.createParser(ObjectReadContext.empty(), bytes);
    }

    @Override
    public void begin(Fields ofRecord) {
        JsonToken token = depth == 0 ? in.nextToken() : in.currentToken();
        if (token != JsonToken.START_OBJECT) {
            throw new InvalidInputException(
                    ofRecord.record() + " was " + describe(token) + " at " + where() + " but it must be a JSON object");
        }
        fields[depth++] = ofRecord;
    }

    @Override
    public int next() {
        while (true) {
            JsonToken token = in.nextToken();
            if (token == JsonToken.END_OBJECT) {
                depth--;
                return 0;
            }
            number = fields[depth - 1].number(in.currentName());
            token = in.nextToken();
            if (number != 0 && token != JsonToken.VALUE_NULL) {
                return number;
            }
            in.skipChildren();
        }
    }

    @Override
    public void list() {
        expect(in.currentToken() == JsonToken.START_ARRAY, "an array");
    }

    @Override
    public boolean element() {
        return in.nextToken() != JsonToken.END_ARRAY;
    }

    @Override
    public String text() {
        expect(in.currentToken() == JsonToken.VALUE_STRING, "a text");
        String text = in.getString();
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                int point = text.codePointAt(i++);
                expect(point > Character.MAX_VALUE, "a text without halves of characters");
            }
        }
        return text;
    }

    @Override
    public long integer() {
        expect(in.currentToken() == JsonToken.VALUE_NUMBER_INT, "a whole number");
        return in.getLongValue();
    }

    @Override
    public double number() {
        JsonToken token = in.currentToken();
        if (token == JsonToken.VALUE_STRING) {
            String text = in.getString();
            expect(text.equals("Infinity") || text.equals("-Infinity"), "a number");
            return Double.parseDouble(text);
        }
        expect(token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT, "a number");
        return Double.parseDouble(in.getString());
    }

    @Override
    public boolean flag() {
        JsonToken token = in.currentToken();
        expect(token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE, "true or false");
        return token == JsonToken.VALUE_TRUE;
    }

    @Override
    public void finish() {
        JsonToken token = in.nextToken();
        if (token != null) {
            throw new InvalidInputException(
                    describe(token) + " followed at " + where() + " but nothing may follow the record");
        }
    }

    private void expect(boolean fits, String what) {
        if (!fits) {
            Fields record = fields[depth - 1];
            throw record.refused(number, describe(in.currentToken()), "must be " + what + ", at " + where());
        }
    }

    private String where() {
        return "byte " + in.currentTokenLocation().getByteOffset();
    }

    private static String describe(@Nullable JsonToken token) {
        return token == null
                ? "the end"
                : switch (token) {
                    case START_OBJECT -> "an object";
                    case START_ARRAY -> "an array";
                    case VALUE_STRING -> "a text";
                    case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
                    case VALUE_TRUE, VALUE_FALSE -> "true or false";
                    case VALUE_NULL -> "null";
                    default -> token.name();
                };
    }
}
