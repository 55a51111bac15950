package io.tsdash.clickhouse;

/** Values as they stand in a query. */
final class Sql {
    static final String CANCELLED = Integer.toString(io.tsdash.model.Trade.CANCELLED);

    private Sql() {}

    static String text(String value) {
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    /** Returns a moment; an integer alone would be taken for seconds. */
    static String time(long epochNanos) {
        return "fromUnixTimestamp64Nano(toInt64(" + epochNanos + "), 'UTC')";
    }
}
