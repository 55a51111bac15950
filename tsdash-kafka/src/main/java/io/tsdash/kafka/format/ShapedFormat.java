package io.tsdash.kafka.format;

import io.tsdash.error.InvalidInputException;
import java.io.IOException;
import org.msgpack.core.MessagePackException;
import tools.jackson.core.JacksonException;

/** A shape in one of our forms. Thread-safe. */
record ShapedFormat<T>(Format format, Shape<T> shape) implements RecordFormat<T> {

    @Override
    public byte[] write(T value) {
        FieldWriter out = switch (format) {
            case PROTOBUF -> new ProtobufFieldWriter();
            case JSON -> new JsonFieldWriter();
            case MSGPACK -> new MsgPackFieldWriter();
        };
        shape.write(value, out);
        return out.toBytes();
    }

    @Override
    public T read(byte[] bytes) {
        try {
            FieldReader in = switch (format) {
                case PROTOBUF -> new ProtobufFieldReader(bytes);
                case JSON -> new JsonFieldReader(bytes);
                case MSGPACK -> new MsgPackFieldReader(bytes);
            };
            T value = shape.read(in);
            in.finish();
            return value;
        } catch (IOException | JacksonException | MessagePackException e) {
            throw new InvalidInputException(
                    "record of " + bytes.length + " bytes was no " + format.headerValue() + ": " + firstLine(e));
        }
    }

    private static String firstLine(Exception e) {
        String message = String.valueOf(e.getMessage());
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }
}
