package io.tsdash.transport;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.tsdash.delta.FieldKind;
import io.tsdash.distribution.ClientCommand;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.error.InvalidInputException;
import io.tsdash.model.Trade;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the frames of {@code tsdash.proto}, of servers and of clients. Fields that it does not know are passed over.
 * What a frame makes it allocate is bounded by the frame's length. Single-threaded.
 */
final class ProtobufReader {
    private static final int VARINT = WireFormat.WIRETYPE_VARINT;
    private static final int FIXED64 = WireFormat.WIRETYPE_FIXED64;
    private static final int LENGTH = WireFormat.WIRETYPE_LENGTH_DELIMITED;

    private static final List<Shape> MESSAGES = List.of(
            new Shape(
                    1,
                    "hello",
                    text(1, "protocol"),
                    text(2, "session"),
                    count(3, "heartbeatMillis"),
                    text(4, "server")),
            new Shape(2, "subscribed", count(1, "id"), new Item(2, "channels", FieldKind.TEXTS)),
            new Shape(3, "unsubscribed", count(1, "id"), new Item(2, "channels", FieldKind.TEXTS)),
            new Shape(4, "pong", count(1, "id")),
            new Shape(
                    5,
                    "snapshot",
                    text(1, "channel"),
                    text(2, "epoch"),
                    count(3, "seq"),
                    count(4, "reason"),
                    text(5, "key")),
            new Shape(6, "resumed", text(1, "channel"), text(2, "epoch"), count(3, "seq")),
            new Shape(7, "delta", text(1, "channel"), count(2, "prev"), count(3, "seq")),
            new Shape(
                    8,
                    "heartbeat",
                    new Item(1, "time", FieldKind.TIME),
                    count(2, "conflated"),
                    count(3, "queuedBytes")),
            new Shape(
                    9,
                    "error",
                    count(1, "id"),
                    count(2, "code"),
                    text(3, "message"),
                    new Item(4, "retry", FieldKind.BOOLEAN)),
            new Shape(
                    10,
                    "checksum",
                    count(1, "id"),
                    text(2, "channel"),
                    text(3, "epoch"),
                    count(4, "seq"),
                    count(5, "crc")),
            new Shape(11, "authenticated", count(1, "id"), text(2, "user"), new Item(3, "expires", FieldKind.TIME)),
            new Shape(12, "ended", text(1, "channel"), count(2, "code"), text(3, "message")),
            new Shape(13, "goaway", count(1, "afterMillis")),
            new Shape(14, "ack", count(1, "id"), text(2, "clientOrderId"), text(3, "orderId"), text(4, "status")));
    private static final List<String> REASONS = List.of("SUBSCRIBED", "RESET", "SLOW");

    private final CodedInputStream in;

    private ProtobufReader(byte[] frame) {
        in = CodedInputStream.newInstance(frame);
    }

    /**
     * Reads a server's frame.
     *
     * @throws InvalidInputException if it is none
     */
    static List<ServerMessage> messages(byte[] frame) {
        List<ServerMessage> messages = new ArrayList<>();
        try {
            ProtobufReader reader = new ProtobufReader(frame);
            reader.fields(tag -> {
                if (tag == tag(1, LENGTH)) {
                    reader.nested(inner -> reader.message(inner, messages));
                    return true;
                }
                return false;
            });
        } catch (IOException e) {
            throw new InvalidInputException("frame was no ServerFrame of Protobuf: " + e.getMessage());
        }
        return messages;
    }

    /** Reads a client's command. */
    static ClientCommand command(byte[] frame) {
        CommandFields fields = new CommandFields();
        try {
            ProtobufReader reader = new ProtobufReader(frame);
            reader.fields(tag -> reader.command(tag, fields));
            return fields.command();
        } catch (InvalidInputException e) {
            return new ClientCommand.Malformed(fields.id(), String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return new ClientCommand.Malformed(
                    fields.id(), "frame was no ClientCommand of Protobuf: " + e.getMessage());
        }
    }

    private boolean command(int tag, CommandFields fields) throws IOException {
        if (tag == tag(1, VARINT)) {
            fields.id(in.readInt64());
        } else if (tag == tag(2, LENGTH)) {
            fields.op("subscribe");
            nested(inner -> subscribe(inner, fields));
        } else if (tag == tag(3, LENGTH)) {
            fields.op("unsubscribe");
            nested(inner -> channel(inner, fields));
        } else if (tag == tag(4, LENGTH)) {
            fields.op("ping");
            nested(inner -> false);
        } else if (tag == tag(5, LENGTH)) {
            fields.op("checksum");
            nested(inner -> channel(inner, fields));
        } else {
            return orderCommand(tag, fields);
        }
        return true;
    }

    private boolean orderCommand(int tag, CommandFields fields) throws IOException {
        if (tag == tag(6, LENGTH)) {
            fields.op("authenticate");
            nested(inner -> text(inner, fields, "token"));
        } else if (tag == tag(7, LENGTH)) {
            fields.op("order");
            nested(inner -> number(inner, fields) || text(inner, fields, "clientOrderId", "symbol", "side", "type"));
        } else if (tag == tag(8, LENGTH)) {
            fields.op("cancel");
            nested(inner -> text(inner, fields, "clientOrderId"));
        } else {
            return false;
        }
        return true;
    }

    /** Reads a text that is numbered by its place in the names, from 1 on. */
    private boolean text(int tag, CommandFields fields, String... names) throws IOException {
        int number = WireFormat.getTagFieldNumber(tag);
        if (number > names.length || WireFormat.getTagWireType(tag) != LENGTH) {
            return false;
        }
        fields.text(names[number - 1], in.readStringRequireUtf8());
        return true;
    }

    private boolean number(int tag, CommandFields fields) throws IOException {
        if (tag == tag(5, FIXED64)) {
            fields.number("price", in.readDouble());
        } else if (tag == tag(6, FIXED64)) {
            fields.number("volume", in.readDouble());
        } else {
            return false;
        }
        return true;
    }

    private boolean subscribe(int tag, CommandFields fields) throws IOException {
        if (tag == tag(2, VARINT)) {
            fields.intervalMillis(in.readInt64());
        } else if (tag == tag(3, LENGTH)) {
            Resume resume = new Resume();
            nested(inner -> resume(inner, resume));
            fields.resume(resume.channel, resume.epoch, resume.sequence);
        } else if (tag == tag(4, VARINT)) {
            fields.watchlist(in.readBool());
        } else if (tag == tag(5, LENGTH)) {
            fields.text("traceparent", in.readStringRequireUtf8());
        } else {
            return channel(tag, fields);
        }
        return true;
    }

    private boolean resume(int tag, Resume resume) throws IOException {
        if (tag == tag(1, LENGTH)) {
            resume.channel = in.readStringRequireUtf8();
        } else if (tag == tag(2, LENGTH)) {
            nested(inner -> position(inner, resume));
        } else {
            return false;
        }
        return true;
    }

    private boolean position(int tag, Resume resume) throws IOException {
        if (tag == tag(1, LENGTH)) {
            resume.epoch = in.readStringRequireUtf8();
        } else if (tag == tag(2, VARINT)) {
            resume.sequence = in.readInt64();
        } else {
            return false;
        }
        return true;
    }

    private boolean channel(int tag, CommandFields fields) throws IOException {
        if (tag == tag(1, LENGTH)) {
            fields.channel(in.readStringRequireUtf8());
            return true;
        }
        return false;
    }

    private boolean message(int tag, List<ServerMessage> messages) throws IOException {
        for (Shape shape : MESSAGES) {
            if (tag == tag(shape.number, LENGTH)) {
                Map<String, @Nullable Object> fields = shape.empty();
                List<Map<String, @Nullable Object>> rows = new ArrayList<>();
                nested(inner -> (shape.hasRows() && row(inner, rows)) || item(inner, shape, fields));
                finish(fields, rows);
                ServerMessage message = MessageReader.message(fields);
                if (message != null) {
                    messages.add(message);
                }
                return true;
            }
        }
        return false;
    }

    /** Puts what only looks different into the form of JSON. */
    private static void finish(Map<String, @Nullable Object> fields, List<Map<String, @Nullable Object>> rows) {
        fields.put("rows", rows);
        if (fields.get("reason") instanceof Long reason) {
            fields.put("reason", reason >= 0 && reason < REASONS.size() ? REASONS.get(reason.intValue()) : "unknown");
        }
    }

    private boolean item(int tag, Shape shape, Map<String, @Nullable Object> fields) throws IOException {
        for (Item item : shape.items) {
            if (tag == item.tag()) {
                if (item.kind == FieldKind.TEXTS) {
                    texts(fields, item.name).add(in.readStringRequireUtf8());
                } else {
                    fields.put(item.name, value(item.kind));
                }
                return true;
            }
        }
        return false;
    }

    private boolean row(int tag, List<Map<String, @Nullable Object>> rows) throws IOException {
        int list = WireFormat.getTagFieldNumber(tag);
        Optional<ProtobufRows> form = ProtobufRows.inList(list);
        if (WireFormat.getTagWireType(tag) != LENGTH || (form.isEmpty() && list != ProtobufRows.RECORDS)) {
            return false;
        }
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        nested(inner -> mark(inner, row)
                || (form.isPresent() ? typed(inner, form.get(), row) : inner == tag(1, LENGTH) && pair(row)));
        rows.add(row);
        return true;
    }

    private boolean mark(int tag, Map<String, @Nullable Object> row) throws IOException {
        if (tag == tag(ProtobufRows.VANISHED, LENGTH)) {
            row.put(in.readStringRequireUtf8(), null);
        } else if (tag == tag(ProtobufRows.REMOVED, VARINT)) {
            if (in.readBool()) {
                row.put("removed", true);
            }
        } else {
            return false;
        }
        return true;
    }

    private boolean typed(int tag, ProtobufRows form, Map<String, @Nullable Object> row) throws IOException {
        int field = form.field(WireFormat.getTagFieldNumber(tag));
        if (field < 0
                || tag != tag(form.numbers()[field], wireType(form.schema().kind(field)))) {
            return false;
        }
        row.put(form.schema().name(field), value(form.schema().kind(field)));
        return true;
    }

    private boolean pair(Map<String, @Nullable Object> row) throws IOException {
        Pair pair = new Pair();
        nested(tag -> {
            if (tag == tag(1, LENGTH)) {
                pair.name = in.readStringRequireUtf8();
                return true;
            }
            FieldKind kind = kind(WireFormat.getTagFieldNumber(tag));
            if (kind == null || WireFormat.getTagWireType(tag) != wireType(kind)) {
                return false;
            }
            if (kind == FieldKind.TEXTS) {
                List<String> values = new ArrayList<>();
                nested(inner -> inner == tag(1, LENGTH) && values.add(in.readStringRequireUtf8()));
                pair.value = values;
            } else {
                pair.value = value(kind);
            }
            return true;
        });
        row.put(pair.name, pair.value);
        return true;
    }

    private static @Nullable FieldKind kind(int number) {
        return switch (number) {
            case 2 -> FieldKind.DOUBLE;
            case 3 -> FieldKind.LONG;
            case 4 -> FieldKind.TIME;
            case 5 -> FieldKind.ID;
            case 6 -> FieldKind.VERSION;
            case 7 -> FieldKind.BOOLEAN;
            case 8 -> FieldKind.TEXT;
            case 9 -> FieldKind.TEXTS;
            default -> null;
        };
    }

    private Object value(FieldKind kind) throws IOException {
        return switch (kind) {
            case DOUBLE -> in.readDouble();
            case LONG -> in.readInt64();
            case TIME, ID -> Long.toString(in.readInt64());
            case VERSION -> {
                long version = in.readInt64();
                yield version == Trade.CANCELLED ? "CANCELLED" : (Object) version;
            }
            case BOOLEAN -> in.readBool();
            case TEXT -> in.readStringRequireUtf8();
            case TEXTS -> throw new IllegalStateException("lists are read one by one");
        };
    }

    private void nested(Fields reader) throws IOException {
        int limit = in.pushLimit(in.readRawVarint32());
        fields(reader);
        in.popLimit(limit);
    }

    private void fields(Fields reader) throws IOException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (!reader.read(tag) && !in.skipField(tag)) {
                throw new InvalidInputException("frame was no Protobuf: a group ended that did not begin");
            }
        }
    }

    @SuppressWarnings("unchecked") // made by Shape.empty
    private static List<String> texts(Map<String, @Nullable Object> fields, String name) {
        return (List<String>) Objects.requireNonNull(fields.get(name));
    }

    private static int tag(int number, int wireType) {
        return number << 3 | wireType;
    }

    private static int wireType(FieldKind kind) {
        return switch (kind) {
            case DOUBLE -> FIXED64;
            case LONG, TIME, ID, VERSION, BOOLEAN -> VARINT;
            case TEXT, TEXTS -> LENGTH;
        };
    }

    private static Item text(int number, String name) {
        return new Item(number, name, FieldKind.TEXT);
    }

    private static Item count(int number, String name) {
        return new Item(number, name, FieldKind.LONG);
    }

    /** Reads a field; false if it is not known, and then nothing of it was read. */
    @FunctionalInterface
    private interface Fields {
        boolean read(int tag) throws IOException;
    }

    /** A field of a message: its number here, its name in JSON. */
    private record Item(int number, String name, FieldKind kind) {
        int tag() {
            return ProtobufReader.tag(number, wireType(kind));
        }
    }

    /** A kind of message: its number in {@code ServerMessage}, its type in JSON. */
    private static final class Shape {
        final int number;
        final String type;
        final List<Item> items;

        Shape(int number, String type, Item... items) {
            this.number = number;
            this.type = type;
            this.items = List.of(items);
        }

        boolean hasRows() {
            return type.equals("snapshot") || type.equals("delta");
        }

        /** Returns the fields of a message in which none was written: proto3 leaves out zeros. */
        Map<String, @Nullable Object> empty() {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            fields.put("type", type);
            for (Item item : items) {
                switch (item.kind) {
                    case TEXT -> fields.put(item.name, "");
                    case BOOLEAN -> fields.put(item.name, false);
                    case TEXTS -> fields.put(item.name, new ArrayList<String>());
                    case TIME -> fields.put(item.name, "0");
                    default -> fields.put(item.name, 0L);
                }
            }
            if (type.equals("error")) {
                fields.remove("id");
            }
            return fields;
        }
    }

    /** A position to resume from, while it is read. */
    private static final class Resume {
        String channel = "";
        String epoch = "";
        long sequence;
    }

    /** A named value, while it is read. */
    private static final class Pair {
        String name = "";

        @Nullable
        Object value;
    }
}
