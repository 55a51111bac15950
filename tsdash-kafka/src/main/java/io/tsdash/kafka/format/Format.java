package io.tsdash.kafka.format;

import io.tsdash.error.InvalidInputException;
import java.util.Locale;

/** The forms that we write ourselves; each keeps doubles and 64-bit numbers exactly. */
public enum Format {
    /** Protocol Buffers by {@code records.proto}, which lies in the jar: small and fast; the default. */
    PROTOBUF,
    /** JSON objects with the names of our records: readable. */
    JSON,
    /** MessagePack maps with the same names. */
    MSGPACK;

    /** The version of all our forms; a change that older readers cannot ignore makes it 2. */
    static final int VERSION = 1;

    /** Returns the name that the header of a record carries: form and version, such as {@code protobuf/1}. */
    public String headerValue() {
        return text() + "/" + VERSION;
    }

    /** Returns the name for configurations: {@code protobuf}, {@code json} or {@code msgpack}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads a name as {@link #text} gives it.
     *
     * @throws InvalidInputException if there is no such form; the message lists them
     */
    public static Format parse(String text) {
        for (Format format : values()) {
            if (format.text().equals(text)) {
                return format;
            }
        }
        throw InvalidInputException.of("format", text, "must be one of protobuf, json, msgpack");
    }
}
