package io.tsdash.transport;

import io.tsdash.distribution.Position;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.distribution.SnapshotReason;
import io.tsdash.error.InvalidInputException;
import io.tsdash.orders.OrderStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads a server's JSON frames. Messages of kinds that it does not know are passed over. Thread-safe. */
final class MessageReader {
    private MessageReader() {}

    /**
     * Reads a frame: an array of messages, or (an event's data) one message.
     *
     * @throws InvalidInputException if it is neither
     */
    static List<ServerMessage> read(byte[] utf8) {
        try (JsonParser json = Json.parser(utf8)) {
            JsonToken first = json.nextToken();
            List<ServerMessage> messages = new ArrayList<>();
            if (first == JsonToken.START_OBJECT) {
                add(messages, object(json));
            } else if (first == JsonToken.START_ARRAY) {
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    add(messages, object(json));
                }
            } else {
                throw new InvalidInputException("frame was neither a JSON array nor an object");
            }
            return messages;
        } catch (JacksonException e) {
            throw new InvalidInputException("frame was no JSON: " + e.getOriginalMessage());
        }
    }

    private static void add(List<ServerMessage> messages, Map<String, @Nullable Object> fields) {
        ServerMessage message = message(fields);
        if (message != null) {
            messages.add(message);
        }
    }

    /** Returns the message of these fields; null for a kind that is not known. */
    static @Nullable ServerMessage message(Map<String, @Nullable Object> fields) {
        return switch (text(fields, "type")) {
            case "hello" ->
                new ServerMessage.Hello(
                        text(fields, "session"), number(fields, "heartbeatMillis"), text(fields, "server"));
            case "subscribed" -> new ServerMessage.Subscribed(number(fields, "id"), texts(fields, "channels"));
            case "unsubscribed" -> new ServerMessage.Unsubscribed(number(fields, "id"), texts(fields, "channels"));
            case "pong" -> new ServerMessage.Pong(number(fields, "id"));
            case "snapshot" ->
                new ServerMessage.Snapshot(
                        text(fields, "channel"),
                        position(fields),
                        reason(text(fields, "reason")),
                        fields.containsKey("key") ? text(fields, "key") : "",
                        rows(fields));
            case "resumed" -> new ServerMessage.Resumed(text(fields, "channel"), position(fields));
            case "delta" ->
                new ServerMessage.Delta(
                        text(fields, "channel"), number(fields, "prev"), number(fields, "seq"), rows(fields));
            case "heartbeat" ->
                new ServerMessage.Heartbeat(
                        nanos(text(fields, "time")), number(fields, "conflated"), number(fields, "queuedBytes"));
            case "checksum" ->
                new ServerMessage.Checksum(
                        number(fields, "id"), text(fields, "channel"), position(fields), number(fields, "crc"));
            case "authenticated" ->
                new ServerMessage.Authenticated(
                        number(fields, "id"), text(fields, "user"), nanos(text(fields, "expires")));
            case "ended" ->
                new ServerMessage.Ended(text(fields, "channel"), code(number(fields, "code")), text(fields, "message"));
            case "goaway" -> new ServerMessage.GoAway(number(fields, "afterMillis"));
            case "ack" ->
                new ServerMessage.OrderAck(
                        number(fields, "id"),
                        text(fields, "clientOrderId"),
                        text(fields, "orderId"),
                        status(text(fields, "status")));
            case "error" ->
                new ServerMessage.Failure(
                        fields.get("id") instanceof Long id ? OptionalLong.of(id) : OptionalLong.empty(),
                        code(number(fields, "code")),
                        text(fields, "message"),
                        Boolean.TRUE.equals(fields.get("retry")));
            default -> null;
        };
    }

    private static SnapshotReason reason(String name) {
        for (SnapshotReason each : SnapshotReason.values()) {
            if (each.name().equals(name)) {
                return each;
            }
        }
        throw InvalidInputException.of("reason", name, "must be one of those of the protocol");
    }

    private static OrderStatus status(String name) {
        for (OrderStatus each : OrderStatus.values()) {
            if (each.name().equals(name)) {
                return each;
            }
        }
        throw InvalidInputException.of("status", name, "must be one of those of the protocol");
    }

    private static long nanos(String digits) {
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw InvalidInputException.of("time", digits, "must be nanoseconds");
        }
    }

    private static int code(long code) {
        if (code != (int) code) {
            throw InvalidInputException.of("code", code, "must be an error code");
        }
        return (int) code;
    }

    private static Position position(Map<String, @Nullable Object> fields) {
        return new Position(text(fields, "epoch"), number(fields, "seq"));
    }

    private static String text(Map<String, @Nullable Object> fields, String name) {
        if (fields.get(name) instanceof String text) {
            return text;
        }
        throw InvalidInputException.of(name, String.valueOf(fields.get(name)), "must be a string");
    }

    private static long number(Map<String, @Nullable Object> fields, String name) {
        if (fields.get(name) instanceof Long number) {
            return number;
        }
        throw InvalidInputException.of(name, String.valueOf(fields.get(name)), "must be an integer");
    }

    private static List<String> texts(Map<String, @Nullable Object> fields, String name) {
        if (fields.get(name) instanceof List<?> list) {
            return list.stream().map(String::valueOf).toList();
        }
        throw InvalidInputException.of(name, String.valueOf(fields.get(name)), "must be an array");
    }

    @SuppressWarnings("unchecked") // objects are read as maps with text keys, below
    private static List<Map<String, @Nullable Object>> rows(Map<String, @Nullable Object> fields) {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        if (fields.get("rows") instanceof List<?> list) {
            for (Object row : list) {
                if (!(row instanceof Map<?, ?>)) {
                    throw InvalidInputException.of("row", String.valueOf(row), "must be an object");
                }
                rows.add((Map<String, @Nullable Object>) row);
            }
        }
        return rows;
    }

    private static Map<String, @Nullable Object> object(JsonParser json) {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw new InvalidInputException("message was no JSON object");
        }
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = json.currentName();
            json.nextToken();
            fields.put(name, value(json));
        }
        return fields;
    }

    private static @Nullable Object value(JsonParser json) {
        return switch (json.currentToken()) {
            case START_OBJECT -> object(json);
            case START_ARRAY -> array(json);
            case VALUE_STRING -> json.getString();
            case VALUE_NUMBER_INT -> json.getLongValue();
            case VALUE_NUMBER_FLOAT -> json.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> null;
        };
    }

    private static List<@Nullable Object> array(JsonParser json) {
        List<@Nullable Object> values = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            values.add(value(json));
        }
        return values;
    }
}
