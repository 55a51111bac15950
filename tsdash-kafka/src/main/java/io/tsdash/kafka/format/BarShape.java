package io.tsdash.kafka.format;

import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import java.io.IOException;
import java.time.Duration;

/** The fields of a bar. */
final class BarShape implements Shape<Bar> {
    private static final Fields FIELDS = new Fields(
            "bar",
            "symbol",
            "interval",
            "openTimeNanos",
            "closeTimeNanos",
            "open",
            "high",
            "low",
            "close",
            "volume",
            "notional",
            "tradeCount",
            "firstEventNanos",
            "lastEventNanos",
            "revision",
            "state");
    private static final int REQUIRED = Fields.bit(1)
            | Fields.bit(2)
            | Fields.bit(3)
            | Fields.bit(4)
            | Fields.bit(11)
            | Fields.bit(14)
            | Fields.bit(15);
    private static final Interval NONE = Interval.of(Duration.ofSeconds(1));

    @Override
    public void write(Bar bar, FieldWriter out) {
        out.begin(FIELDS);
        out.text(1, bar.symbol());
        out.text(2, bar.interval().text());
        out.integer(3, bar.openTimeNanos());
        out.integer(4, bar.closeTimeNanos());
        out.number(5, bar.open());
        out.number(6, bar.high());
        out.number(7, bar.low());
        out.number(8, bar.close());
        out.number(9, bar.volume());
        out.number(10, bar.notional());
        out.integer(11, bar.tradeCount());
        out.integer(12, bar.firstEventNanos());
        out.integer(13, bar.lastEventNanos());
        out.integer(14, bar.revision());
        out.text(15, bar.state().name());
        out.end();
    }

    @Override
    public Bar read(FieldReader in) throws IOException {
        String symbol = "";
        Interval interval = NONE;
        long openTimeNanos = 0;
        long closeTimeNanos = 0;
        double open = Double.NaN;
        double high = Double.NaN;
        double low = Double.NaN;
        double close = Double.NaN;
        double volume = Double.NaN;
        double notional = Double.NaN;
        long tradeCount = 0;
        long firstEventNanos = 0;
        long lastEventNanos = 0;
        int revision = 0;
        BarState state = BarState.OPEN;
        int seen = 0;
        in.begin(FIELDS);
        for (int field = in.next(); field != 0; field = in.next()) {
            seen |= Fields.bit(field);
            switch (field) {
                case 1 -> symbol = in.text();
                case 2 -> interval = Windows.interval(FIELDS, 2, in.text());
                case 3 -> openTimeNanos = in.integer();
                case 4 -> closeTimeNanos = in.integer();
                case 5 -> open = in.number();
                case 6 -> high = in.number();
                case 7 -> low = in.number();
                case 8 -> close = in.number();
                case 9 -> volume = in.number();
                case 10 -> notional = in.number();
                case 11 -> tradeCount = Numbers.notNegative(FIELDS, 11, in.integer());
                case 12 -> firstEventNanos = in.integer();
                case 13 -> lastEventNanos = in.integer();
                case 14 -> revision = Numbers.int32(FIELDS, 14, in.integer());
                default -> state = Windows.state(FIELDS, 15, in.text());
            }
        }
        FIELDS.require(seen, REQUIRED);
        return new Bar(
                symbol,
                interval,
                openTimeNanos,
                closeTimeNanos,
                open,
                high,
                low,
                close,
                volume,
                notional,
                tradeCount,
                firstEventNanos,
                lastEventNanos,
                revision,
                state);
    }
}
