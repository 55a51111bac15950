package io.tsdash.kafka.format;

import io.tsdash.aggregation.VolumeProfile;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The fields of a volume profile and of its levels. */
final class ProfileShape implements Shape<VolumeProfile> {
    private static final Fields FIELDS = new Fields(
            "profile", "symbol", "interval", "openTimeNanos", "closeTimeNanos", "step", "levels", "revision", "state");
    private static final Fields LEVEL = new Fields("level", "price", "volume", "tradeCount");
    private static final int REQUIRED = Fields.bit(1)
            | Fields.bit(2)
            | Fields.bit(3)
            | Fields.bit(4)
            | Fields.bit(5)
            | Fields.bit(7)
            | Fields.bit(8);
    private static final int LEVEL_REQUIRED = Fields.bit(1) | Fields.bit(2) | Fields.bit(3);
    private static final Interval NONE = Interval.of(Duration.ofSeconds(1));

    @Override
    public void write(VolumeProfile profile, FieldWriter out) {
        out.begin(FIELDS);
        out.text(1, profile.symbol());
        out.text(2, profile.interval().text());
        out.integer(3, profile.openTimeNanos());
        out.integer(4, profile.closeTimeNanos());
        out.number(5, profile.step());
        out.list(6, profile.levels().size());
        for (VolumeProfile.Level level : profile.levels()) {
            out.begin(LEVEL);
            out.number(1, level.price());
            out.number(2, level.volume());
            out.integer(3, level.tradeCount());
            out.end();
        }
        out.endList();
        out.integer(7, profile.revision());
        out.text(8, profile.state().name());
        out.end();
    }

    @Override
    public VolumeProfile read(FieldReader in) throws IOException {
        String symbol = "";
        Interval interval = NONE;
        long openTimeNanos = 0;
        long closeTimeNanos = 0;
        double step = 0;
        List<VolumeProfile.Level> levels = new ArrayList<>();
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
                case 5 -> step = in.number();
                case 6 -> readLevels(in, levels);
                case 7 -> revision = Numbers.int32(FIELDS, 7, in.integer());
                default -> state = Windows.state(FIELDS, 8, in.text());
            }
        }
        FIELDS.require(seen, REQUIRED);
        return new VolumeProfile(symbol, interval, openTimeNanos, closeTimeNanos, step, levels, revision, state);
    }

    private static void readLevels(FieldReader in, List<VolumeProfile.Level> levels) throws IOException {
        in.list();
        while (in.element()) {
            double price = 0;
            double volume = 0;
            long tradeCount = 0;
            int seen = 0;
            in.begin(LEVEL);
            for (int field = in.next(); field != 0; field = in.next()) {
                seen |= Fields.bit(field);
                switch (field) {
                    case 1 -> price = in.number();
                    case 2 -> volume = in.number();
                    default -> tradeCount = Numbers.notNegative(LEVEL, 3, in.integer());
                }
            }
            LEVEL.require(seen, LEVEL_REQUIRED);
            levels.add(new VolumeProfile.Level(price, volume, tradeCount));
        }
    }
}
