package io.tsdash.kafka.format;

import io.tsdash.aggregation.RollingValue;
import java.io.IOException;

/** The fields of a rolling average. */
final class AverageShape implements Shape<RollingValue> {
    private static final Fields FIELDS =
            new Fields("average", "symbol", "timeNanos", "average", "vwap", "volume", "tradeCount");
    private static final int REQUIRED = Fields.bit(1) | Fields.bit(2) | Fields.bit(6);

    @Override
    public void write(RollingValue value, FieldWriter out) {
        out.begin(FIELDS);
        out.text(1, value.symbol());
        out.integer(2, value.timeNanos());
        out.number(3, value.average());
        out.number(4, value.vwap());
        out.number(5, value.volume());
        out.integer(6, value.tradeCount());
        out.end();
    }

    @Override
    public RollingValue read(FieldReader in) throws IOException {
        String symbol = "";
        long timeNanos = 0;
        double average = Double.NaN;
        double vwap = Double.NaN;
        double volume = Double.NaN;
        long tradeCount = 0;
        int seen = 0;
        in.begin(FIELDS);
        for (int field = in.next(); field != 0; field = in.next()) {
            seen |= Fields.bit(field);
            switch (field) {
                case 1 -> symbol = in.text();
                case 2 -> timeNanos = in.integer();
                case 3 -> average = in.number();
                case 4 -> vwap = in.number();
                case 5 -> volume = in.number();
                default -> tradeCount = Numbers.notNegative(FIELDS, 6, in.integer());
            }
        }
        FIELDS.require(seen, REQUIRED);
        return new RollingValue(symbol, timeNanos, average, vwap, volume, tradeCount);
    }
}
