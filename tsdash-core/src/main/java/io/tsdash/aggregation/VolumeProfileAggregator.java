package io.tsdash.aggregation;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.InvalidInputException;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * Builds volume profiles of many symbols by price step, in event time, with the same rules as {@link BarAggregator}: any
 * order within the lateness bound, duplicates, cancels and corrections. Single-threaded.
 */
public final class VolumeProfileAggregator implements AutoCloseable {
    private final WindowedAggregation<PartialProfile> windows;

    private VolumeProfileAggregator(
            WindowSpec spec, double step, Consumer<VolumeProfile> listener, SetAsideListener setAside) {
        windows = new WindowedAggregation<>(
                spec,
                () -> new PartialProfile(step),
                (symbol, interval, open, close, partial, revision, state) -> listener.accept(
                        new VolumeProfile(symbol, interval, open, close, step, partial.toLevels(), revision, state)),
                setAside);
    }

    /**
     * Returns an aggregator.
     *
     * @param interval its windows; the usual ones are five minutes
     * @param step the height of a price level, positive
     * @param lateness how far behind its symbol's clock a trade may be and still count
     * @param listener hears of profiles as {@link BarListener} does of bars
     * @param setAside hears of trades that were not taken in
     * @throws ConfigurationException if a bound is negative
     * @throws InvalidInputException if the step is not positive
     */
    public static VolumeProfileAggregator of(
            Interval interval,
            double step,
            Duration lateness,
            Consumer<VolumeProfile> listener,
            SetAsideListener setAside) {
        if (!(step > 0) || Double.isInfinite(step)) {
            throw InvalidInputException.of("step", step, "must be positive and finite");
        }
        WindowSpecBuilder spec = new WindowSpecBuilder();
        spec.intervals = List.of(interval);
        spec.lateness = lateness;
        return new VolumeProfileAggregator(spec.build(), step, listener, setAside);
    }

    /** Takes in a trade, a correction or a cancel, and says what became of it. */
    public Outcome add(Trade trade) {
        return windows.add(0, trade);
    }

    /** Writes the state to where it is kept, as {@link BarAggregator#save}. The step must stay the same. */
    public void save(StatePieces pieces) {
        windows.save(0, pieces);
    }

    /** Goes on from what was saved, as {@link BarAggregator#load}. */
    public void load(StatePieces pieces) {
        windows.load(0, pieces);
    }

    /** Tells the time, as {@link BarAggregator#advanceIdle}. */
    public void advanceIdle(long monotonicNanos) {
        windows.advanceIdle(monotonicNanos);
    }

    /** Sends every profile that changed since it was last sent. */
    public void flush() {
        windows.flush();
    }

    /** Ends the input: sends every profile that is still open as closed, and what was revised. */
    @Override
    public void close() {
        windows.closeAll();
    }
}
