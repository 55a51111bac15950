package io.tsdash.kafka.format;

import io.tsdash.aggregation.RollingValue;
import io.tsdash.aggregation.VolumeProfile;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Quote;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Any values that records may hold, edges included. */
final class RecordValues {
    private static final double[] EDGES = {
        0.0, -0.0, 0.1, 1e-300, Double.MIN_VALUE, Double.MAX_VALUE, -1e22, 1e15 + 0.3, 2.0 / 3, 123456789.123
    };
    private static final long[] LONGS = {0, 1, -1, 127, 128, Long.MAX_VALUE, Long.MIN_VALUE, 1_700_000_000_123_456_789L
    };
    private static final List<String> SYMBOLS =
            List.of("AAPL", "BTC-USD", "ß", "日経225", "\uD83D\uDE80", "x".repeat(64));
    private static final List<String> INTERVALS = List.of("1s", "1m", "5m/1m", "1h", "1d@America/New_York~1700");

    private RecordValues() {}

    static MarketEvent event(Random random) {
        return random.nextInt(3) == 0 ? quote(random) : trade(random);
    }

    static Trade trade(Random random) {
        long time = natural(random);
        if (random.nextInt(8) == 0) {
            return Trade.cancel(symbol(random), time, number(random), number(random));
        }
        return new Trade(
                symbol(random),
                time,
                random.nextBoolean() ? time : number(random),
                number(random),
                real(random),
                Math.abs(real(random)),
                Side.ofCode(random.nextInt(3)),
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextInt(3) == 0 ? random.nextInt(Integer.MAX_VALUE) : 0);
    }

    static Quote quote(Random random) {
        long time = natural(random);
        boolean noBid = random.nextInt(4) == 0;
        return new Quote(
                symbol(random),
                time,
                random.nextBoolean() ? time : number(random),
                number(random),
                noBid ? Double.NaN : real(random),
                !noBid && random.nextInt(4) == 0 ? Double.NaN : real(random),
                random.nextInt(4) == 0 ? Double.NaN : Math.abs(real(random)),
                random.nextInt(4) == 0 ? Double.NaN : Math.abs(real(random)));
    }

    static Bar bar(Random random) {
        return new Bar(
                symbol(random),
                interval(random),
                number(random),
                number(random),
                maybe(random),
                maybe(random),
                maybe(random),
                maybe(random),
                maybe(random),
                random.nextInt(8) == 0 ? Double.POSITIVE_INFINITY : maybe(random),
                natural(random),
                natural(random),
                natural(random),
                random.nextInt(Integer.MAX_VALUE),
                BarState.ofCode(random.nextInt(3)));
    }

    static VolumeProfile profile(Random random) {
        List<VolumeProfile.Level> levels = new ArrayList<>();
        for (int i = random.nextInt(2) * random.nextInt(200); i > 0; i--) {
            levels.add(new VolumeProfile.Level(real(random), Math.abs(real(random)), natural(random)));
        }
        return new VolumeProfile(
                symbol(random),
                interval(random),
                number(random),
                number(random),
                0.5,
                levels,
                random.nextInt(Integer.MAX_VALUE),
                BarState.ofCode(random.nextInt(3)));
    }

    static RollingValue average(Random random) {
        return new RollingValue(
                symbol(random), number(random), maybe(random), maybe(random), maybe(random), natural(random));
    }

    private static String symbol(Random random) {
        return SYMBOLS.get(random.nextInt(SYMBOLS.size()));
    }

    private static Interval interval(Random random) {
        return Interval.parse(INTERVALS.get(random.nextInt(INTERVALS.size())));
    }

    private static double real(Random random) {
        if (random.nextInt(3) == 0) {
            return EDGES[random.nextInt(EDGES.length)];
        }
        if (random.nextBoolean()) {
            return random.nextInt(10_000_000) / 100.0;
        }
        double any = Double.longBitsToDouble(random.nextLong());
        return Double.isFinite(any) ? any : 1;
    }

    private static double maybe(Random random) {
        return random.nextInt(4) == 0 ? Double.NaN : real(random);
    }

    private static long number(Random random) {
        return random.nextInt(3) == 0 ? LONGS[random.nextInt(LONGS.length)] : random.nextLong();
    }

    private static long natural(Random random) {
        return number(random) & Long.MAX_VALUE;
    }
}
