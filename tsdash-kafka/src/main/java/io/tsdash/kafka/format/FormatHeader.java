package io.tsdash.kafka.format;

import io.tsdash.error.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

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
    private static final Map<Format, byte[]> VALUES = new EnumMap<>(Format.class);

    static {
        for (Format format : Format.values()) {
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
     * Returns the form that the headers name, or the given one if they name none.
     *
     * @throws InvalidInputException if they name a form or a version that is not known
     */
    public static Format get(Headers headers, Format otherwise) {
        Header header = headers.lastHeader(NAME);
        if (header == null || header.value() == null) {
            return otherwise;
        }
        byte[] value = header.value();
        return Format.ofHeader(new String(value, 0, Math.min(value.length, LENGTH_MAX), StandardCharsets.ISO_8859_1)
                .replaceAll("\\p{Cntrl}", "?"));
    }
}
