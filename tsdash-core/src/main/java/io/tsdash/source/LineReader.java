package io.tsdash.source;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Finds lines in a stream and leaves them where they lie in its buffer.
 *
 * <p>A line ends in LF or CR LF; the last one may end with the stream. One longer than {@link #LINE_BYTES_MAX} is
 * handed out cut, with {@link #tooLong} set. Single-threaded.
 */
final class LineReader {
    static final int LINE_BYTES_MAX = 1 << 16;
    private static final int HEAD_BYTES = 256;

    private final InputStream in;
    private final byte[] buffer = new byte[2 * LINE_BYTES_MAX];
    private byte[] line = buffer;
    private int position;
    private int filled;
    private boolean ended;

    private int from;
    private int to;
    private boolean tooLong;
    private long lineNumber;

    LineReader(InputStream in) {
        this.in = in;
    }

    /** Moves to the next line; returns false at the end of the stream. */
    boolean next() throws IOException {
        tooLong = false;
        int scanned = position;
        while (true) {
            int end = indexOfLineFeed(scanned);
            if (end >= 0) {
                take(end, end + 1);
                return true;
            }
            scanned = filled;
            if (filled - position > LINE_BYTES_MAX) {
                return takeTooLong();
            }
            if (ended) {
                take(filled, filled);
                return to > from;
            }
            scanned -= refill();
        }
    }

    byte[] bytes() {
        return line;
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }

    boolean tooLong() {
        return tooLong;
    }

    /** Returns the number of the current line; the first is 1. */
    long lineNumber() {
        return lineNumber;
    }

    private void take(int end, int next) {
        line = buffer;
        from = position;
        to = end > from && buffer[end - 1] == '\r' ? end - 1 : end;
        position = next;
        lineNumber++;
    }

    /** Keeps the head of the line for the message, and skips the rest of it. */
    private boolean takeTooLong() throws IOException {
        line = Arrays.copyOfRange(buffer, position, position + HEAD_BYTES);
        from = 0;
        to = HEAD_BYTES;
        int end = -1;
        while (end < 0 && !ended) {
            position = filled;
            refill();
            end = indexOfLineFeed(position);
        }
        position = end < 0 ? filled : end + 1;
        tooLong = true;
        lineNumber++;
        return true;
    }

    private int indexOfLineFeed(int start) {
        byte[] bytes = buffer;
        for (int i = start; i < filled; i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    /** Moves what is not yet taken to the front, reads more behind it, and returns by how much it moved. */
    private int refill() throws IOException {
        int moved = position;
        System.arraycopy(buffer, position, buffer, 0, filled - position);
        filled -= moved;
        position = 0;
        int read = in.read(buffer, filled, buffer.length - filled);
        if (read < 0) {
            ended = true;
        } else {
            filled += read;
        }
        return moved;
    }
}
