package io.tsdash.examples.feeds;

import io.tsdash.error.InvalidInputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * A JSON value as an exchange sent it: numbers keep their text, so that no digit is lost.
 *
 * <p>Whatever is not as asked for is refused with {@link InvalidInputException}. Immutable.
 */
final class Json {
    private static final int DEPTH_MAX = 16;
    private static final long TEXT_LENGTH_MAX = 1_000;
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEPTH_MAX)
                    .maxStringLength((int) TEXT_LENGTH_MAX)
                    .build())
            .build();

    private final Object value; // Map, List, or the text of a string, number, true, false or null
    private final String where;

    private Json(Object value, String where) {
        this.value = value;
        this.where = where;
    }

    /** Reads one value. */
    static Json parse(String text) {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw new InvalidInputException("the message was empty but it must be JSON");
            }
            Json json = new Json(read(parser, first), "message");
            if (parser.nextToken() != null) {
                throw new InvalidInputException("the message was JSON and more but it must be one value");
            }
            return json;
        } catch (JacksonException e) {
            throw new InvalidInputException("the message is no JSON: " + e.getOriginalMessage());
        }
    }

    private static Object read(JsonParser parser, JsonToken token) {
        switch (token) {
            case START_OBJECT -> {
                Map<String, Object> fields = new LinkedHashMap<>();
                while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                    String name = parser.currentName();
                    fields.put(name, read(parser, parser.nextToken()));
                }
                return fields;
            }
            case START_ARRAY -> {
                List<Object> items = new ArrayList<>();
                for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                    items.add(read(parser, next));
                }
                return items;
            }
            default -> {
                return parser.getString();
            }
        }
    }

    boolean isObject() {
        return value instanceof Map;
    }

    boolean isList() {
        return value instanceof List;
    }

    boolean has(String name) {
        return field(name) != null;
    }

    /** Returns a field. */
    Json get(String name) {
        Object found = field(name);
        if (found == null) {
            throw new InvalidInputException(where + " has no '" + name + "' but it must have one");
        }
        return new Json(found, name);
    }

    /** Returns a field's text, or the other if there is none. */
    String text(String name, String other) {
        return has(name) ? get(name).text() : other;
    }

    /** Returns an item; a negative index counts from the end. */
    Json get(int index) {
        List<?> items = list();
        int at = index < 0 ? items.size() + index : index;
        if (at < 0 || at >= items.size()) {
            throw new InvalidInputException(where + " has " + items.size() + " items but it must have more");
        }
        Object item = items.get(at);
        return new Json(item == null ? "null" : item, where + "[" + at + "]");
    }

    int size() {
        return list().size();
    }

    /** Returns all items. */
    List<Json> items() {
        List<Json> items = new ArrayList<>(size());
        for (int i = 0; i < size(); i++) {
            items.add(get(i));
        }
        return items;
    }

    /** Returns all fields. */
    Map<String, Json> fields() {
        if (!(value instanceof Map<?, ?> map)) {
            throw new InvalidInputException(where + " must be an object");
        }
        Map<String, Json> fields = new LinkedHashMap<>();
        map.forEach((name, each) -> fields.put(String.valueOf(name), new Json(each, String.valueOf(name))));
        return fields;
    }

    /** Returns the text of a string, or of a number as it was written. */
    String text() {
        if (value instanceof String text) {
            return text;
        }
        throw new InvalidInputException(where + " must be a text or a number");
    }

    /** Returns a whole number that is not negative. */
    long id() {
        String text = text();
        try {
            long id = Long.parseLong(text);
            if (id >= 0) {
                return id;
            }
        } catch (NumberFormatException e) {
            // told below: the rule is the same
        }
        throw InvalidInputException.of(where, text, "must be a whole number, not negative");
    }

    /** Returns a decimal, as text that is known to be one. */
    String decimal() {
        String text = text();
        Decimals.check(where, text);
        return text;
    }

    /** Returns a decimal. */
    double number() {
        return Double.parseDouble(decimal());
    }

    boolean truth() {
        String text = text();
        if (!text.equals("true") && !text.equals("false")) {
            throw InvalidInputException.of(where, text, "must be true or false");
        }
        return text.equals("true");
    }

    private @Nullable Object field(String name) {
        if (value instanceof Map<?, ?> fields) {
            return fields.get(name);
        }
        throw new InvalidInputException(where + " must be an object");
    }

    private List<?> list() {
        if (value instanceof List<?> items) {
            return items;
        }
        throw new InvalidInputException(where + " must be a list");
    }
}
