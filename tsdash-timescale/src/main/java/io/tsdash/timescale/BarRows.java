package io.tsdash.timescale;

import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.store.BarRange;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BiFunction;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * Bars as PostgreSQL's COPY writes them in binary: numbers as they are, in one round trip.
 *
 * <p>As text, turning numbers into digits and back takes longer than finding the bars of a chart. Bars are returned in order
 * of open time, whatever end of a range was asked for first.
 */
final class BarRows {
    /** A signature of 11 bytes and flags; the length of what else a header may hold follows. */
    private static final int HEADER_BYTES = 11 + Integer.BYTES;

    private BarRows() {}

    /** Returns bars that were written: the columns are those of {@link Tables#BAR_VALUES}. */
    static List<Bar> written(Connection connection, BarRange range, String query) throws SQLException {
        return read(connection, range, query, BarRows::written);
    }

    /** Returns bars that were made of trades: any moment whose window is the last to open, then {@link BarSql#AGGREGATES}. */
    static List<Bar> built(Connection connection, BarRange range, String query) throws SQLException {
        return read(connection, range, query, BarRows::built);
    }

    private static List<Bar> read(
            Connection connection, BarRange range, String query, BiFunction<BarRange, Row, Bar> reader)
            throws SQLException {
        CopyOut copy = connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyOut("COPY (" + query + ") TO STDOUT (FORMAT binary)");
        List<byte[]> messages =
                new ArrayList<>(); // whole, before any of it is looked at: nothing is left to be cancelled
        for (byte[] next = copy.readFromCopy(); next != null; next = copy.readFromCopy()) {
            messages.add(next);
        }
        List<Bar> bars = new ArrayList<>(messages.size());
        for (int i = 0; i < messages.size(); i++) {
            ByteBuffer bytes = ByteBuffer.wrap(messages.get(i));
            if (i == 0) {
                bytes.position(HEADER_BYTES);
                int more = bytes.getInt();
                bytes.position(bytes.position() + more);
            }
            // A row a message begins with the number of its columns; the end has -1 in its place.
            if (bytes.hasRemaining() && bytes.getShort() >= 0) {
                bars.add(reader.apply(range, new Row(bytes)));
            }
        }
        if (range.newestFirst()) {
            Collections.reverse(bars);
        }
        return bars;
    }

    private static Bar written(BarRange range, Row row) {
        return bar(range, row.nextLong(), row.nextLong(), row, true);
    }

    private static Bar built(BarRange range, Row row) {
        long open = range.interval().openTimeNanos(row.nextLong());
        return bar(range, open, range.interval().closeTimeNanos(open), row, false);
    }

    /** Reads what follows the times, in its order: only what was written has a revision and a state. */
    private static Bar bar(BarRange range, long open, long close, Row row, boolean written) {
        return new Bar(
                range.symbol(),
                range.interval(),
                open,
                close,
                // No trade of the window may set prices, and none may count as volume.
                row.nextDouble(Double.NaN),
                row.nextDouble(Double.NaN),
                row.nextDouble(Double.NaN),
                row.nextDouble(Double.NaN),
                row.nextDouble(0),
                row.nextDouble(0),
                row.nextLong(),
                row.nextLong(),
                row.nextLong(),
                written ? (int) row.nextLong() : 0,
                written ? BarState.ofCode((int) row.nextLong()) : BarState.CLOSED);
    }

    /** The columns of a row, one after the other: a length, -1 for NULL, and so many bytes. */
    private record Row(ByteBuffer bytes) {

        long nextLong() {
            int length = bytes.getInt();
            return switch (length) {
                case Long.BYTES -> bytes.getLong();
                case Integer.BYTES -> bytes.getInt();
                case Short.BYTES -> bytes.getShort();
                default -> throw new IllegalStateException("a whole number of " + length + " bytes");
            };
        }

        double nextDouble(double ofNull) {
            return bytes.getInt() < 0 ? ofNull : bytes.getDouble();
        }
    }
}
