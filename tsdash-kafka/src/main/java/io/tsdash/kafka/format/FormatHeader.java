package io.tsdash.kafka.format;

import io.tsdash.error.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * The header that says in which form, and in which version of it, a record is written.
 *
 * <p>A reader takes each of our forms, whatever it is configured to write: so a topic can change its form while it is
 * read. A record without the header is read in the form that the reader is configured for.
 */
public final class FormatHeader {
    /** The header's key. */
    public static final String NAME = "tsdash-format";

    private static final int LENGTH_MAX = 64;
    private static final Format[] FORMATS = Format.values();
    private static final Map<Format, byte[]> VALUES = new EnumMap<>(Format.class);

    static {
        for (Format format : FORMATS) {
            VALUES.put(format, format.headerValue().getBytes(StandardCharsets.US_ASCII));
        }
    }

    private FormatHeader() {}

    /** Says in which form the record is, in place of what the headers said before. */
    public static void put(Headers headers, Format format) {
        headers.remove(NAME);
        headers.add(NAME, VALUES.get(format));
    }

    /**
     * Returns the form that the headers name, or null if they name none.
     *
     * @throws InvalidInputException if they name a form or a version that is not known
     */
    public static @Nullable Format get(Headers headers) {
        Header header = headers.lastHeader(NAME);
        if (header == null || header.value() == null) {
            return null;
        }
        byte[] value = header.value();
        for (Format format : FORMATS) {
            if (Arrays.equals(value, VALUES.get(format))) {
                return format;
            }
        }
        String text = new String(value, 0, Math.min(value.length, LENGTH_MAX), StandardCharsets.ISO_8859_1);
        throw InvalidInputException.of(
                "header " + NAME, text.replaceAll("\\p{Cntrl}", "?"), "must be one of protobuf/1, json/1, msgpack/1");
    }
}
