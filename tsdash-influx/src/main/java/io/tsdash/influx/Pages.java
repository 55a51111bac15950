package io.tsdash.influx;

import io.tsdash.store.BarRange;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads rows of one series page by page, in the direction of a range, up to its limit. */
final class Pages {
    private Pages() {}

    /** @param select a statement up to its last condition; its rows begin with the time */
    static void read(
            InfluxConnection connection,
            String select,
            BarRange range,
            int rowsMax,
            Consumer<@Nullable Object[]> consumer) {
        long from = Math.max(range.fromNanos(), -InfluxConnection.TIME_NANOS_MAX);
        long last = Math.min(range.toNanos() - 1, InfluxConnection.TIME_NANOS_MAX);
        int left = range.limit();
        while (left > 0 && from <= last && range.toNanos() > range.fromNanos()) {
            int rows = Math.min(rowsMax, left);
            List<@Nullable Object[]> page = connection
                    .rows(select + " AND time >= " + from + " AND time <= " + last + " ORDER BY time "
                            + (range.newestFirst() ? "DESC" : "ASC") + " LIMIT " + rows)
                    .rows();
            for (@Nullable Object[] row : page) {
                if (Series.isWhole(row)) {
                    consumer.accept(row);
                    left--;
                }
            }
            if (page.size() < rows) {
                return;
            }
            long edge = Series.whole(page.get(page.size() - 1), 0);
            if (range.newestFirst()) {
                last = edge - 1;
            } else {
                from = edge + 1;
            }
        }
    }
}
