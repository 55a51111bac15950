package io.tsdash.influx;

import io.tsdash.error.PermanentException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
     * @param partial whether the server says that there is more
     */
    record Result(List<Series> series, String error, boolean partial) {}

    /** Returns the results in the order of the statements; those that came in several documents as one. */
    static List<Result> read(byte[] utf8) {
        TreeMap<Long, Result> results = new TreeMap<>();
        try (JsonParser json = FACTORY.createParser(ObjectReadContext.empty(), utf8)) {
            JsonToken token = json.nextToken();
            if (token != JsonToken.START_OBJECT) {
                throw new PermanentException(
                        "the answer began with " + token + " but it must be a JSON object: is this InfluxDB?");
            }
            for (; token == JsonToken.START_OBJECT; token = json.nextToken()) {
                document(json, results);
            }
            return List.copyOf(results.values());
        } catch (JacksonException e) {
            throw new PermanentException("the answer was no JSON as InfluxDB sends it: " + e.getOriginalMessage(), e);
        }
    }

    private static void document(JsonParser json, Map<Long, Result> results) {
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = json.currentName();
            json.nextToken();
            switch (name) {
                case "results" -> {
                    while (json.nextToken() == JsonToken.START_OBJECT) {
                        result(json, results);
                    }
                }
                case "error" -> results.put(Long.MAX_VALUE, new Result(List.of(), json.getString(), false));
                default -> json.skipChildren();
            }
        }
    }

    private static void result(JsonParser json, Map<Long, Result> results) {
        List<Series> series = new ArrayList<>();
        long statement = results.size();
        String error = "";
        boolean partial = false;
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = json.currentName();
            JsonToken value = json.nextToken();
            switch (name) {
                case "statement_id" -> statement = json.getLongValue();
                case "series" -> {
                    while (json.nextToken() == JsonToken.START_OBJECT) {
                        partial |= series(json, series);
                    }
                }
                case "error" -> error = json.getString();
                case "partial" -> partial |= value == JsonToken.VALUE_TRUE;
                default -> json.skipChildren();
            }
        }
        results.merge(statement, new Result(series, error, partial), AnswerReader::joined);
    }

    private static Result joined(Result before, Result after) {
        List<Series> series = new ArrayList<>(before.series());
        after.series().forEach(more -> join(series, more));
        return new Result(series, before.error() + after.error(), after.partial());
    }

    private static void join(List<Series> all, Series more) {
        if (all.isEmpty()) {
            all.add(more);
            return;
        }
        Series last = all.get(all.size() - 1);
        if (last.name().equals(more.name()) && last.tags().equals(more.tags())) {
            last.rows().addAll(more.rows());
        } else {
            all.add(more);
        }
    }

    /** Reads a series; returns whether the server says that there is more of it. */
    private static boolean series(JsonParser json, List<Series> all) {
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
        join(all, new Series(measurement, tags, columns, rows));
        return partial;
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
}
