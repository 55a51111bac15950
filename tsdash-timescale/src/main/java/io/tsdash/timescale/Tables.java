package io.tsdash.timescale;

import io.tsdash.model.Interval;

/**
 * The names of what the store keeps, each with its schema and ready for SQL.
 *
 * @param schema the schema's name as it is
 */
record Tables(String schema) {
    static final String BAR_VALUES =
            "open_ts, close_ts, open, high, low, close, volume, notional, trade_count, first_ts,"
                    + " last_ts, revision, state";
    static final String BAR_COLUMNS = "symbol, bar_interval, " + BAR_VALUES;

    String trades() {
        return of("trades");
    }

    String bars() {
        return of("bars");
    }

    String version() {
        return of("tsdash_schema");
    }

    String refresh() {
        return of("tsdash_refresh_bars");
    }

    /** Returns the view of the bars of an interval that is pre-computed. */
    String view(Interval interval) {
        return of("bars_" + interval.text());
    }

    /** Returns a name in the schema. */
    String of(String name) {
        return quoted(schema) + "." + name;
    }

    static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** Returns a text as an SQL literal, for a connection with {@code standard_conforming_strings}. */
    static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
