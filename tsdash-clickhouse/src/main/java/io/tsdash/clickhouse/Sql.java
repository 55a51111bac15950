package io.tsdash.clickhouse;

import io.tsdash.model.Trade;
import java.time.LocalDate;

/** Values as they stand in a query. */
final class Sql {
    static final String CANCELLED = Integer.toString(Trade.CANCELLED);

    private static final long NANOS_PER_DAY = 86_400_000_000_000L;

    private Sql() {}

    static String text(String value) {
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    /** Returns a moment; an integer alone would be taken for seconds. */
    static String time(long epochNanos) {
        return "fromUnixTimestamp64Nano(toInt64(" + epochNanos + "), 'UTC')";
    }

    /** Returns the month of a moment as tables are partitioned by it. */
    static int month(long epochNanos) {
        LocalDate date = LocalDate.ofEpochDay(Math.floorDiv(epochNanos, NANOS_PER_DAY));
        return date.getYear() * 100 + date.getMonthValue();
    }
}
