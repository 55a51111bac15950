package io.tsdash.aggregation;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.InvalidInputException;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import java.time.Duration;
import java.util.List;

/**
 * Builds the bars of many symbols and several intervals from their trades, in event time, in one pass.
 *
 * <pre>{@code
 * BarAggregator bars = BarAggregator.of(System.out::println, Interval.parse("1m"), Interval.parse("1h"));
 * for (Trade trade : trades) {
 *     bars.add(trade);
 * }
 * bars.close();
 * }</pre>
 *
 * <p>Whatever the order of arrival, within the lateness bound: the bars are those of a batch over the sorted trades,
 * with duplicates, cancels and corrections settled. A bar is sent as {@code CLOSED} as soon as the clock passes its end:
 * its symbol's own clock (the highest event time of the symbol), or the watermark of its partition for a symbol gone
 * quiet, or wall time for an idle partition ({@link #advanceIdle}). That is a statement, not an end: a trade that comes
 * after it, within the lateness bound, makes {@link #flush} send the bar as {@code REVISED}. Trades older than the bound,
 * duplicates, and event times too far ahead go to the {@link SetAsideListener} and are counted.
 *
 * <p>Single-threaded. In the steady state the bars sent are all that is allocated.
 */
public final class BarAggregator implements AutoCloseable {
    private final List<Interval> intervals;
    private final WindowedAggregation<PartialBar> windows;

    private BarAggregator(WindowSpec spec, BarListener listener, SetAsideListener setAside) {
        intervals = spec.intervals();
        windows = new WindowedAggregation<>(
                spec,
                PartialBar::new,
                (symbol, interval, open, close, partial, revision, state) ->
                        listener.onBar(partial.toBar(symbol, interval, open, close, revision, state)),
                setAside);
    }

    /**
     * Returns an aggregator with the default bounds of {@link #builder}.
     *
     * @param listener hears of the bars
     * @param intervals one or more intervals
     */
    public static BarAggregator of(BarListener listener, Interval... intervals) {
        return builder(listener).intervals(intervals).build();
    }

    /** Returns a builder: lateness 5 s, close at once, event times at most 10 s ahead, idle after 1 s. */
    public static Builder builder(BarListener listener) {
        return new Builder(listener);
    }

    /**
     * Takes in a trade, a correction or a cancel of the only partition.
     *
     * @return what became of it
     */
    public Outcome add(Trade trade) {
        return windows.add(0, trade);
    }

    /**
     * Takes in a trade, a correction or a cancel. Partitions have watermarks of their own; a symbol belongs to one.
     *
     * @param partition 0 or more, small: the number of the partition in its source
     * @return what became of it
     */
    public Outcome add(int partition, Trade trade) {
        return windows.add(partition, trade);
    }

    /**
     * Goes on with a window after a restart, from what was kept elsewhere. A window that was already sent as closed is
     * revised by what comes, rather than closed again.
     *
     * @param partition the partition of its symbol
     * @param window the window as it was last sent, or an open one without trades if it never was
     * @param base what is known of the window's trades, as bars that share none; trades that they hold must not be added
     *     again. Empty if all its trades come again
     */
    public void restore(int partition, Bar window, List<Bar> base) {
        int index = intervals.indexOf(window.interval());
        if (index < 0) {
            throw InvalidInputException.of("interval", window.interval(), "must be one of " + intervals);
        }
        PartialBar partial = new PartialBar();
        base.forEach(bar -> partial.merge(PartialBar.of(bar)));
        windows.partition(partition)
                .restore(
                        window.symbol(),
                        index,
                        window.openTimeNanos(),
                        partial,
                        window.revision(),
                        window.state() != BarState.OPEN);
    }

    /**
     * Writes the state of a partition to where it is kept: what changed since the last save.
     *
     * @param partition the partition
     * @param pieces where its state is kept; the same each time
     */
    public void save(int partition, StatePieces pieces) {
        windows.save(partition, pieces);
    }

    /**
     * Goes on with a partition, in another process perhaps, as if nothing had happened since it was saved. Nothing of the
     * partition may have been added before.
     *
     * @param partition the partition
     * @param pieces where its state is kept; may be empty
     * @throws ConfigurationException if the state is of other intervals or of another lateness
     */
    public void load(int partition, StatePieces pieces) {
        windows.load(partition, pieces);
    }

    /**
     * Lets a partition's watermark go on without a trade.
     *
     * @param partition the partition
     * @param eventTimeNanos no trade older than this is expected; a watermark never goes back
     */
    public void advanceTo(int partition, long eventTimeNanos) {
        windows.partition(partition).advanceTo(eventTimeNanos);
    }

    /**
     * Tells the time, so that the bars of idle partitions close. Call it a few times a second.
     *
     * @param monotonicNanos a clock for durations, as {@link io.tsdash.time.TimeSource#monotonicNanos()}
     */
    public void advanceIdle(long monotonicNanos) {
        windows.advanceIdle(monotonicNanos);
    }

    /** Sends every bar that changed since it was last sent: open bars as they are now, closed ones as revised. */
    public void flush() {
        windows.flush();
    }

    /** Returns how many trades ended so. */
    public long count(Outcome outcome) {
        return windows.count(outcome);
    }

    /** Ends the input: sends every bar that is still open as closed, and what was revised. May be called again. */
    @Override
    public void close() {
        windows.closeAll();
    }

    /** Collects the settings of an aggregator; {@link #build} checks them all at once. */
    public static final class Builder {
        private final BarListener listener;
        private final WindowSpecBuilder spec = new WindowSpecBuilder();
        private SetAsideListener setAside = (trade, outcome) -> {};

        private Builder(BarListener listener) {
            this.listener = listener;
        }

        /** Sets the intervals: at least one, all different. */
        public Builder intervals(Interval... intervals) {
            spec.intervals = List.of(intervals);
            return this;
        }

        /** Sets the intervals: at least one, all different. */
        public Builder intervals(List<Interval> intervals) {
            spec.intervals = intervals;
            return this;
        }

        /** Sets how far behind its symbol's clock a trade may be and still count; 5 s by default. */
        public Builder lateness(Duration lateness) {
            spec.lateness = lateness;
            return this;
        }

        /**
         * Sets how far the clock must be past the end of a window before its bar is sent as closed: later, but with fewer
         * revisions. 0 by default; at most the lateness.
         */
        public Builder closeDelay(Duration closeDelay) {
            spec.closeDelay = closeDelay;
            return this;
        }

        /** Sets how far ahead of its receive time an event time may be; 10 s by default. */
        public Builder aheadMax(Duration aheadMax) {
            spec.aheadMax = aheadMax;
            return this;
        }

        /** Sets after how long without a trade a partition's watermark goes on by wall time; 1 s by default. */
        public Builder idleTimeout(Duration idleTimeout) {
            spec.idleTimeout = idleTimeout;
            return this;
        }

        /** Sets who hears of trades that were not taken in. They are counted in any case. */
        public Builder setAside(SetAsideListener newSetAside) {
            setAside = newSetAside;
            return this;
        }

        /** @throws ConfigurationException if settings break their rules; it lists all of them */
        public BarAggregator build() {
            return new BarAggregator(spec.build(), listener, setAside);
        }
    }
}
