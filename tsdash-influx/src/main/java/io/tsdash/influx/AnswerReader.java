package io.tsdash.influx;

import io.tsdash.error.PermanentException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Reads the JSON that {@code /query} answers with in all generations. */
final class AnswerReader {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final int LONG_DIGITS_SURE = 18;

    private AnswerReader() {}

    /**
     * What one statement gave.
     *
     * @param series its rows
     * @param error what the server says went wrong, or empty
     * @param partial whether the server left rows out
     */
    record Result(List<Series> series, String error, boolean partial) {}

    /** Returns the results in the order of the statements. */
    static List<Result> read(byte[] utf8) {
        List<Result> results = new ArrayList<>();
        try (JsonParser json = FACTORY.createParser(ObjectReadContext.empty(), utf8)) {
            expect(json.nextToken(), JsonToken.START_OBJECT);
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                boolean isResults = json.currentName().equals("results");
                boolean isError = json.currentName().equals("error");
                json.nextToken();
                if (isResults) {
                    while (json.nextToken() == JsonToken.START_OBJECT) {
                        results.add(result(json));
                    }
                } else if (isError) {
                    results.add(new Result(List.of(), json.getString(), false));
                } else {
                    json.skipChildren();
                }
            }
            return results;
        } catch (JacksonException e) {
            throw new PermanentException("the answer was no JSON as InfluxDB sends it: " + e.getOriginalMessage(), e);
        }
    }

    private static Result result(JsonParser json) {
        List<Series> series = new ArrayList<>();
        String error = "";
        boolean partial = false;
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = json.currentName();
            JsonToken value = json.nextToken();
            switch (name) {
                case "series" -> {
                    while (json.nextToken() == JsonToken.START_OBJECT) {
                        Partial one = series(json);
                        series.add(one.series());
                        partial |= one.partial();
                    }
                }
                case "error" -> error = json.getString();
                case "partial" -> partial |= value == JsonToken.VALUE_TRUE;
                default -> json.skipChildren();
            }
        }
        return new Result(series, error, partial);
    }

    private record Partial(Series series, boolean partial) {}

    private static Partial series(JsonParser json) {
        String measurement = "";
        Map<String, String> tags = new HashMap<>();
        List<String> columns = new ArrayList<>();
        List<@Nullable Object[]> rows = new ArrayList<>();
        boolean partial = false;
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = json.currentName();
            JsonToken value = json.nextToken();
            switch (name) {
                case "name" -> measurement = json.getString();
                case "tags" -> {
                    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                        String tag = json.currentName();
                        json.nextToken();
                        tags.put(tag, json.getString());
                    }
                }
                case "columns" -> {
                    while (json.nextToken() != JsonToken.END_ARRAY) {
                        columns.add(json.getString());
                    }
                }
                case "values" -> {
                    while (json.nextToken() == JsonToken.START_ARRAY) {
                        rows.add(row(json, columns.size()));
                    }
                }
                case "partial" -> partial = value == JsonToken.VALUE_TRUE;
                default -> json.skipChildren();
            }
        }
        return new Partial(new Series(measurement, tags, columns, rows), partial);
    }

    private static @Nullable Object[] row(JsonParser json, int size) {
        @Nullable Object[] row = new @Nullable Object[size];
        int i = 0;
        for (JsonToken token = json.nextToken(); token != JsonToken.END_ARRAY; token = json.nextToken()) {
            row[i++] = value(json, token);
        }
        return row;
    }

    private static @Nullable Object value(JsonParser json, JsonToken token) {
        return switch (token) {
            case VALUE_NUMBER_INT -> whole(json);
            case VALUE_NUMBER_FLOAT -> json.getDoubleValue();
            case VALUE_STRING -> json.getString();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> null;
        };
    }

    /** A double without a fraction looks like a whole number, and it may be minus zero or have any length. */
    private static Object whole(JsonParser json) {
        int length = json.getStringLength();
        if (length <= LONG_DIGITS_SURE) {
            long value = json.getLongValue();
            return value == 0 && length > 1 ? (Object) (-0.0) : (Object) value;
        }
        String text = json.getString();
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return Double.parseDouble(text);
        }
    }

    private static void expect(@Nullable JsonToken actual, JsonToken expected) {
        if (actual != expected) {
            throw new PermanentException(
                    "the answer began with " + actual + " but it must be a JSON object: is this InfluxDB?");
        }
    }
}
