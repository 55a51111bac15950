package io.tsdash.source;

import io.tsdash.error.InvalidInputException;
import io.tsdash.error.PermanentException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a CSV tape of trades and quotes, or of bars, row by row, plain or gzip.
 *
 * <p>Columns are found by the names in the header, in any order; others are ignored. A tape of events has
 * {@code timestamp_ns} (when it was received) and {@code symbol}, with {@code price} and {@code volume} for trades,
 * {@code bid}, {@code ask}, {@code bid_size}, {@code ask_size} for quotes. It may have:
 *
 * <ul>
 *   <li>{@code exchange_ts_ns}: the event time, where a row has it; else that is {@code timestamp_ns};
 *   <li>{@code seq}: the sequence. Where there is none, the running number of the row is the sequence, so that the same
 *       tape gives the same identities each time it is read;
 *   <li>{@code event}: {@code T} trade, {@code Q} quote, {@code C} correction, {@code X} cancel. Without it, a row with a price
 *       is a trade and any other is a quote. Corrections and cancels carry event time and {@code seq} of their trade;
 *   <li>{@code version}: of a correction; 1 where there is none;
 *   <li>{@code side}: {@code B} or {@code S}, or words that begin so; anything else is unknown;
 *   <li>{@code ohlc_eligible}, {@code volume_eligible}: 1, 0, true or false; empty means true.
 * </ul>
 *
 * <p>A tape of bars has {@code bar_start_ns, symbol, interval_s, open, high, low, close, volume}, perhaps
 * {@code trades}; see {@link TapeRow.OfBar}.
 *
 * <p>A row that breaks a rule comes as {@link Refused} and costs nothing but itself. Single-threaded.
 */
public final class TapeReader implements AutoCloseable {
    private static final int INFLATE_BUFFER_BYTES = 1 << 16;
    private static final int GZIP_MAGIC_1 = 0x1f;
    private static final int GZIP_MAGIC_2 = 0x8b;

    private final String name;
    private final InputStream in;
    private final LineReader lines;
    private final TapeHeader header;
    private final RowParser parser;

    private TapeReader(String name, InputStream in, LineReader lines, TapeHeader header) {
        this.name = name;
        this.in = in;
        this.lines = lines;
        this.header = header;
        this.parser = new RowParser(header);
    }

    /**
     * Opens a tape and reads its header.
     *
     * @throws InvalidInputException if there is no such file, or its header lacks what is needed
     */
    public static TapeReader open(Path file) {
        try {
            return of(Files.newInputStream(file), file.toString());
        } catch (NoSuchFileException e) {
            throw InvalidInputException.of("tape", file, "must be a file that exists");
        } catch (IOException e) {
            throw new PermanentException("tape '" + file + "' cannot be read: " + e, e);
        }
    }

    /**
     * Reads a tape from any stream, and its header at once.
     *
     * @param in plain or gzip, told apart by the first two bytes; closed with this reader, also when this call fails
     * @param name what messages call it
     * @throws InvalidInputException if the header lacks what is needed
     */
    public static TapeReader of(InputStream in, String name) {
        try {
            return start(in, name);
        } catch (RuntimeException e) {
            closeQuietly(in, e);
            throw e;
        }
    }

    /** Returns whether its rows are bars rather than trades and quotes. */
    public boolean holdsBars() {
        return header.holdsBars();
    }

    /** Returns whether its bars say how many trades they hold. */
    public boolean holdsTradeCounts() {
        return header.holdsBars() && header.column("trades") >= 0;
    }

    /** Returns the number of the line that was read last; the header is line 1. */
    public long lineNumber() {
        return lines.lineNumber();
    }

    /**
     * Returns the next row, or null at the end.
     *
     * @throws InvalidInputException if the stream is damaged, such as a gzip file that ends too early; every row before
     *     the damage has been returned then
     * @throws PermanentException if the stream cannot be read on
     */
    public @Nullable TapeRow next() {
        while (nextLine(lines, name)) {
            if (lines.from() == lines.to()) {
                continue;
            }
            if (lines.tooLong()) {
                return refused("it is longer than " + LineReader.LINE_BYTES_MAX + " bytes");
            }
            try {
                return parser.parse(lines.bytes(), lines.from(), lines.to(), lines.lineNumber() - 1);
            } catch (RowRefusedException e) {
                return refused(e.reason());
            }
        }
        return null;
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw new PermanentException("tape '" + name + "' cannot be closed: " + e, e);
        }
    }

    private static TapeReader start(InputStream raw, String name) {
        InputStream in = inflated(raw, name);
        LineReader lines = new LineReader(in);
        if (!nextLine(lines, name)) {
            throw new InvalidInputException("tape '" + name + "' is empty: it must begin with a header line");
        }
        String header = new String(lines.bytes(), lines.from(), lines.to() - lines.from(), StandardCharsets.UTF_8);
        boolean byteOrderMark = header.startsWith("\uFEFF");
        return new TapeReader(
                name, in, lines, TapeHeader.parse("tape '" + name + "'", byteOrderMark ? header.substring(1) : header));
    }

    private static InputStream inflated(InputStream raw, String name) {
        try {
            PushbackInputStream in = new PushbackInputStream(raw, 2);
            byte[] magic = in.readNBytes(2);
            in.unread(magic);
            boolean gzip = magic.length == 2
                    && Byte.toUnsignedInt(magic[0]) == GZIP_MAGIC_1
                    && Byte.toUnsignedInt(magic[1]) == GZIP_MAGIC_2;
            return gzip ? new GZIPInputStream(in, INFLATE_BUFFER_BYTES) : in;
        } catch (IOException e) {
            throw new InvalidInputException("tape '" + name + "' cannot be read: " + e);
        }
    }

    private static boolean nextLine(LineReader lines, String name) {
        try {
            return lines.next();
        } catch (EOFException | ZipException e) {
            throw new InvalidInputException("tape '" + name + "' is damaged after line " + lines.lineNumber()
                    + ", all before that was read: " + e.getMessage());
        } catch (IOException e) {
            throw new PermanentException(
                    "tape '" + name + "' cannot be read after line " + lines.lineNumber() + ": " + e, e);
        }
    }

    private static void closeQuietly(InputStream in, RuntimeException failure) {
        try {
            in.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private Refused refused(String reason) {
        String text = new String(lines.bytes(), lines.from(), lines.to() - lines.from(), StandardCharsets.UTF_8);
        return new Refused(lines.lineNumber(), text, reason);
    }
}
