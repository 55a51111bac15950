package io.tsdash.influx;

import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import org.jspecify.annotations.Nullable;

/**
 * Bars that were sent, as points: measurement {@code bar}, tags for symbol and interval, the open time as time.
 *
 * <p>A point keeps the fields that a later write of it leaves out, and InfluxDB knows no NaN: so all are always written,
 * and {@code special} says which of the six numbers are no finite ones.
 */
final class BarPoints {
    static final String MEASUREMENT = "bar";

    /** The columns that {@link #bar} reads, after the time. */
    static final String COLUMNS = "\"close_time\", \"open\", \"high\", \"low\", \"close\", \"volume\", \"notional\", "
            + "\"trades\", \"first\", \"last\", \"revision\", \"state\", \"special\"";

    private static final int NAN = 1;
    private static final int PLUS_INFINITY = 2;
    private static final int MINUS_INFINITY = 3;
    private static final int BITS = 2;
    private static final int SPECIAL_COLUMN = 13;

    private BarPoints() {}

    static void append(LineBuffer lines, byte[] symbolTag, Bar bar) {
        double[] numbers = {bar.open(), bar.high(), bar.low(), bar.close(), bar.volume(), bar.notional()};
        long special = 0;
        for (int i = 0; i < numbers.length; i++) {
            special |= (long) kind(numbers[i]) << (BITS * i);
            numbers[i] = Double.isFinite(numbers[i]) ? numbers[i] : 0;
        }
        lines.begin(MEASUREMENT)
                .tag("interval", LineBuffer.escaped(bar.interval().text()))
                .tag("symbol", symbolTag)
                .field("close_time", bar.closeTimeNanos())
                .field("open", numbers[0])
                .field("high", numbers[1])
                .field("low", numbers[2])
                .field("close", numbers[3])
                .field("volume", numbers[4])
                .field("notional", numbers[5])
                .field("trades", bar.tradeCount())
                .field("first", bar.firstEventNanos())
                .field("last", bar.lastEventNanos())
                .field("revision", bar.revision())
                .field("state", bar.state().code())
                .field("special", special)
                .end(bar.openTimeNanos());
    }

    /** Returns the bar of a row of time and {@link #COLUMNS}. */
    static Bar bar(String symbol, Interval interval, @Nullable Object[] row) {
        long special = Series.whole(row, SPECIAL_COLUMN);
        return new Bar(
                symbol,
                interval,
                Series.whole(row, 0),
                Series.whole(row, 1),
                number(row, 0, special),
                number(row, 1, special),
                number(row, 2, special),
                number(row, 3, special),
                number(row, 4, special),
                number(row, 5, special),
                Series.whole(row, 8),
                Series.whole(row, 9),
                Series.whole(row, 10),
                (int) Series.whole(row, 11),
                BarState.ofCode((int) Series.whole(row, 12)));
    }

    private static double number(@Nullable Object[] row, int index, long special) {
        return switch ((int) (special >> (BITS * index)) & MINUS_INFINITY) {
            case NAN -> Double.NaN;
            case PLUS_INFINITY -> Double.POSITIVE_INFINITY;
            case MINUS_INFINITY -> Double.NEGATIVE_INFINITY;
            default -> Series.number(row, 2 + index);
        };
    }

    private static int kind(double number) {
        if (Double.isNaN(number)) {
            return NAN;
        }
        return Double.isFinite(number) ? 0 : number > 0 ? PLUS_INFINITY : MINUS_INFINITY;
    }
}
