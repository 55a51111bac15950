package io.tsdash.transport;

import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A bar of an answer, or one made up for a window without trades: the close before it, and no volume.
 *
 * @param bar the bar
 * @param filled whether it was made up
 */
record FilledBar(Bar bar, boolean filled) {

    static List<FilledBar> plain(List<Bar> bars) {
        return bars.stream().map(bar -> new FilledBar(bar, false)).toList();
    }

    /** Fills the gaps before and between bars, up to the limit. */
    static List<FilledBar> fill(List<Bar> bars, Optional<Bar> before, long fromNanos, int limit) {
        List<FilledBar> filled = new ArrayList<>();
        Bar previous = before.orElse(null);
        for (Bar bar : bars) {
            if (previous != null) {
                Interval interval = bar.interval();
                long open = next(interval, previous.openTimeNanos());
                while (open < fromNanos) {
                    open = next(interval, Math.max(open, interval.openTimeNanos(fromNanos - 1)));
                }
                for (; open < bar.openTimeNanos() && filled.size() < limit; open = next(interval, open)) {
                    filled.add(new FilledBar(flat(previous, open), true));
                }
            }
            if (filled.size() == limit) {
                return filled;
            }
            filled.add(new FilledBar(bar, false));
            previous = bar;
        }
        return filled;
    }

    private static long next(Interval interval, long openTimeNanos) {
        return interval.isHopping() ? openTimeNanos + interval.gridNanos() : interval.closeTimeNanos(openTimeNanos);
    }

    private static Bar flat(Bar previous, long openTimeNanos) {
        double price = previous.close();
        return new Bar(
                previous.symbol(),
                previous.interval(),
                openTimeNanos,
                previous.interval().closeTimeNanos(openTimeNanos),
                price,
                price,
                price,
                price,
                0,
                0,
                0,
                0,
                0,
                0,
                BarState.CLOSED);
    }
}
