package io.tsdash.transport;

import io.tsdash.distribution.ClientCommand;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.error.InvalidInputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessageFormat;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;

/**
 * Reads MessagePack frames of servers and clients. What a frame makes it allocate is bounded by the frame's length: no
 * count or length in it is believed beyond the bytes that are there. Single-threaded.
 */
final class MsgPackReader {
    private static final int DEPTH_MAX = 16;

    private final byte[] frame;
    private final MessageUnpacker in;
    /** A server writes times and ids, and nothing else, as int 64; in JSON, hence in messages, they are texts. */
    private final boolean int64IsText;

    private MsgPackReader(byte[] frame, boolean int64IsText) {
        this.frame = frame;
        this.in = MessagePack.newDefaultUnpacker(frame);
        this.int64IsText = int64IsText;
    }

    /**
     * Reads a server's frame: an array of messages.
     *
     * @throws InvalidInputException if it is none
     */
    static List<ServerMessage> messages(byte[] frame) {
        if (!(new MsgPackReader(frame, true).whole() instanceof List<?> all)) {
            throw new InvalidInputException("frame was no MessagePack array");
        }
        List<ServerMessage> messages = new ArrayList<>();
        for (Object each : all) {
            ServerMessage message = MessageReader.message(map("message", each));
            if (message != null) {
                messages.add(message);
            }
        }
        return messages;
    }

    /** Reads a client's command. */
    static ClientCommand command(byte[] frame) {
        CommandFields fields = new CommandFields();
        try {
            Map<String, @Nullable Object> map = map("frame", new MsgPackReader(frame, false).whole());
            if (map.containsKey("id")) {
                fields.id(integer("id", map.get("id")));
            }
            if (map.containsKey("op")) {
                fields.op(text("op", map.get("op")));
            }
            if (map.containsKey("channels")) {
                if (!(map.get("channels") instanceof List<?> names)) {
                    throw new InvalidInputException("channels was no array but it must be an array of strings");
                }
                names.forEach(name -> fields.channel(text("channel", name)));
            }
            for (String name : List.of("token", "traceparent", "clientOrderId", "symbol", "side", "type")) {
                if (map.containsKey(name)) {
                    fields.text(name, text(name, map.get(name)));
                }
            }
            for (String name : List.of("price", "volume")) {
                Object value = map.get(name);
                if (value != null) {
                    fields.number(name, number(name, value));
                }
            }
            if (map.containsKey("watchlist")) {
                if (!(map.get("watchlist") instanceof Boolean watchlist)) {
                    throw InvalidInputException.of(
                            "watchlist", String.valueOf(map.get("watchlist")), "must be true or false");
                }
                fields.watchlist(watchlist);
            }
            if (map.containsKey("intervalMillis")) {
                fields.intervalMillis(integer("intervalMillis", map.get("intervalMillis")));
            }
            if (map.containsKey("resume")) {
                map("resume", map.get("resume")).forEach((channel, value) -> {
                    Map<String, @Nullable Object> position = map("resume's position", value);
                    fields.resume(channel, text("epoch", position.get("epoch")), integer("seq", position.get("seq")));
                });
            }
            return fields.command();
        } catch (InvalidInputException e) {
            return new ClientCommand.Malformed(fields.id(), String.valueOf(e.getMessage()));
        }
    }

    private @Nullable Object whole() {
        try {
            Object value = value(0);
            if (in.hasNext()) {
                throw new InvalidInputException("frame held more than one MessagePack value");
            }
            return value;
        } catch (MessagePackException | IOException e) {
            throw new InvalidInputException("frame was no MessagePack: " + e.getMessage());
        }
    }

    private @Nullable Object value(int depth) throws IOException {
        if (depth > DEPTH_MAX) {
            throw new InvalidInputException("frame was nested deeper than " + DEPTH_MAX);
        }
        MessageFormat format = in.getNextFormat();
        return switch (format.getValueType()) {
            case BOOLEAN -> in.unpackBoolean();
            case INTEGER -> {
                long value = in.unpackLong();
                yield int64IsText && format == MessageFormat.INT64 ? Long.toString(value) : (Object) value;
            }
            case FLOAT -> in.unpackDouble();
            case STRING -> string();
            case ARRAY -> array(depth);
            case MAP -> map(depth);
            case NIL, BINARY, EXTENSION -> {
                in.skipValue();
                yield null;
            }
        };
    }

    private String string() throws IOException {
        int length = in.unpackRawStringHeader();
        checkRoom(length);
        return StandardCharsets.UTF_8
                .newDecoder() // it reports what is malformed
                .decode(ByteBuffer.wrap(in.readPayload(length)))
                .toString();
    }

    private List<@Nullable Object> array(int depth) throws IOException {
        int count = in.unpackArrayHeader();
        checkRoom(count);
        List<@Nullable Object> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            values.add(value(depth + 1));
        }
        return values;
    }

    private Map<String, @Nullable Object> map(int depth) throws IOException {
        int count = in.unpackMapHeader();
        checkRoom(2L * count);
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            String name = string();
            fields.put(name, value(depth + 1));
        }
        return fields;
    }

    private void checkRoom(long bytes) {
        if (bytes < 0 || bytes > frame.length - in.getTotalReadBytes()) {
            throw new InvalidInputException("frame ended before what it said it held");
        }
    }

    @SuppressWarnings("unchecked") // maps are read with text keys, above
    private static Map<String, @Nullable Object> map(String what, @Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return (Map<String, @Nullable Object>) map;
        }
        throw InvalidInputException.of(what, String.valueOf(value), "must be a map");
    }

    private static String text(String what, @Nullable Object value) {
        if (value instanceof String text) {
            return text;
        }
        throw InvalidInputException.of(what, String.valueOf(value), "must be a string");
    }

    private static long integer(String what, @Nullable Object value) {
        if (value instanceof Long number) {
            return number;
        }
        throw InvalidInputException.of(what, String.valueOf(value), "must be an integer");
    }

    private static double number(String what, Object value) {
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        throw InvalidInputException.of(what, String.valueOf(value), "must be a number");
    }
}
