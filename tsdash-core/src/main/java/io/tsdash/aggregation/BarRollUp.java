package io.tsdash.aggregation;

import io.tsdash.error.InvalidInputException;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;

/**
 * Builds the bars of one coarser interval from finer ones.
 *
 * <p>Finer bars come in any order, and again when revised: the higher revision holds, the same one replaces. They are
 * kept until {@link #close}, so what goes in is bounded by the caller: the bars of a file or of a query. Single-threaded.
 */
public final class BarRollUp implements AutoCloseable {
    private record Window(long openTimeNanos, String symbol) {}

    private final Interval interval;
    private final BarListener listener;
    private final Map<Window, TreeMap<Long, Bar>> windows =
            new TreeMap<>(Comparator.comparingLong(Window::openTimeNanos).thenComparing(Window::symbol));

    /**
     * @param interval the coarser interval, not hopping
     * @param listener hears of each bar once, closed, at the end, by open time and symbol
     */
    public BarRollUp(Interval interval, BarListener listener) {
        if (interval.isHopping()) {
            throw InvalidInputException.of("interval", interval, "must not be hopping: a roll-up is tumbling");
        }
        this.interval = interval;
        this.listener = listener;
    }

    /**
     * Takes in a finer bar.
     *
     * @throws InvalidInputException if the bar does not lie within one window of the coarser interval
     */
    public void add(Bar bar) {
        long open = interval.openTimeNanos(bar.openTimeNanos());
        if (bar.closeTimeNanos() > interval.closeTimeNanos(open)) {
            throw InvalidInputException.of(
                    "bar of " + bar.symbol() + " at " + bar.openTimeNanos(),
                    bar.interval().text(),
                    "must lie within one window of " + interval.text());
        }
        windows.computeIfAbsent(new Window(open, bar.symbol()), window -> new TreeMap<>())
                .merge(bar.openTimeNanos(), bar, (old, now) -> now.revision() >= old.revision() ? now : old);
    }

    /** Ends the input and sends the coarser bars. */
    @Override
    public void close() {
        windows.forEach((window, finer) -> {
            PartialBar partial = new PartialBar();
            finer.values().stream().filter(bar -> !bar.isRetracted()).forEach(bar -> partial.merge(PartialBar.of(bar)));
            if (partial.tradeCount() > 0) {
                listener.onBar(partial.toBar(
                        window.symbol(),
                        interval,
                        window.openTimeNanos(),
                        interval.closeTimeNanos(window.openTimeNanos()),
                        0,
                        BarState.CLOSED));
            }
        });
        windows.clear();
    }
}
