package io.tsdash.aggregation;

import io.tsdash.error.InvalidInputException;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.DecimalSum;
import io.tsdash.model.Decimals;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import java.nio.ByteBuffer;

/**
 * The state of a bar while it is being built: a value that any engine can carry, split and merge.
 *
 * <p>It is a commutative monoid: {@link #merge} of any parts in any order gives the bar of all their trades, as long as
 * no trade is in two parts. It does not know duplicates: {@link BarAggregator} keeps those out. Single-threaded.
 */
public final class PartialBar implements PartialAggregate<PartialBar> {
    /** The length of the form that {@link #writeTo} writes, in bytes. */
    public static final int BYTES = 1 + 8 * Long.BYTES + 8 * Double.BYTES;

    private static final byte FORMAT = 1;

    private long tradeCount;
    private long pricedCount;
    private long firstEventNanos;
    private long lastEventNanos;
    private long openNanos;
    private long openSequence;
    private double open;
    private long closeNanos;
    private long closeSequence;
    private double close;
    private double high;
    private double low;
    private final DecimalSum volume = new DecimalSum();
    private final DecimalSum notional = new DecimalSum();

    /** Creates the state of a bar without trades. */
    public PartialBar() {
        reset();
    }

    /**
     * Returns the state that a finished bar summarises, so that coarser bars can be rolled up from finer ones.
     *
     * @param bar a bar with trades
     */
    public static PartialBar of(Bar bar) {
        PartialBar partial = new PartialBar();
        partial.tradeCount = bar.tradeCount();
        partial.firstEventNanos = bar.firstEventNanos();
        partial.lastEventNanos = bar.lastEventNanos();
        if (!Double.isNaN(bar.open())) {
            partial.pricedCount = bar.tradeCount();
            partial.openNanos = bar.firstEventNanos();
            partial.open = bar.open();
            partial.closeNanos = bar.lastEventNanos();
            partial.close = bar.close();
            partial.high = bar.high();
            partial.low = bar.low();
        }
        partial.volume.add(bar.volume());
        // Bars from outside may come without notional; then the roll-up has none either, rather than a part of it.
        partial.notional.add(bar.notional(), Double.isNaN(bar.notional()) ? 0 : Decimals.remainder(bar.notional()));
        return partial;
    }

    /** Takes in one trade; one that neither sets prices nor counts in volume, or is a cancel, changes nothing. */
    public void add(Trade trade) {
        if (!trade.cancelled() && (trade.setsPrice() || trade.countsVolume())) {
            add(
                    trade.eventTimeNanos(),
                    trade.sequence(),
                    trade.price(),
                    trade.volume(),
                    trade.setsPrice(),
                    trade.countsVolume());
        }
    }

    @Override
    public void add(
            long eventTimeNanos,
            long sequence,
            double price,
            double tradeVolume,
            boolean setsPrice,
            boolean countsVolume) {
        tradeCount++;
        firstEventNanos = Math.min(firstEventNanos, eventTimeNanos);
        lastEventNanos = Math.max(lastEventNanos, eventTimeNanos);
        if (setsPrice) {
            addPrice(eventTimeNanos, sequence, price);
        }
        if (countsVolume) {
            double volumeRemainder = Decimals.remainder(tradeVolume);
            volume.add(tradeVolume, volumeRemainder);
            notional.addProduct(price, Decimals.remainder(price), tradeVolume, volumeRemainder);
        }
    }

    private void addPrice(long eventTimeNanos, long sequence, double price) {
        if (pricedCount++ == 0) {
            openNanos = closeNanos = eventTimeNanos;
            openSequence = closeSequence = sequence;
            open = high = low = close = price;
            return;
        }
        if (precedes(eventTimeNanos, sequence, openNanos, openSequence)) {
            openNanos = eventTimeNanos;
            openSequence = sequence;
            open = price;
        }
        if (!precedes(eventTimeNanos, sequence, closeNanos, closeSequence)) {
            closeNanos = eventTimeNanos;
            closeSequence = sequence;
            close = price;
        }
        high = Math.max(high, price);
        low = Math.min(low, price);
    }

    @Override
    public void merge(PartialBar other) {
        if (other.tradeCount == 0) {
            return;
        }
        tradeCount += other.tradeCount;
        firstEventNanos = Math.min(firstEventNanos, other.firstEventNanos);
        lastEventNanos = Math.max(lastEventNanos, other.lastEventNanos);
        volume.add(other.volume);
        notional.add(other.notional);
        if (other.pricedCount == 0) {
            return;
        }
        if (pricedCount == 0 || precedes(other.openNanos, other.openSequence, openNanos, openSequence)) {
            openNanos = other.openNanos;
            openSequence = other.openSequence;
            open = other.open;
        }
        if (pricedCount == 0 || !precedes(other.closeNanos, other.closeSequence, closeNanos, closeSequence)) {
            closeNanos = other.closeNanos;
            closeSequence = other.closeSequence;
            close = other.close;
        }
        high = pricedCount == 0 ? other.high : Math.max(high, other.high);
        low = pricedCount == 0 ? other.low : Math.min(low, other.low);
        pricedCount += other.pricedCount;
    }

    private static boolean precedes(long nanos, long sequence, long otherNanos, long otherSequence) {
        return nanos < otherNanos || (nanos == otherNanos && sequence < otherSequence);
    }

    @Override
    public void reset() {
        tradeCount = 0;
        pricedCount = 0;
        firstEventNanos = Long.MAX_VALUE;
        lastEventNanos = Long.MIN_VALUE;
        openNanos = openSequence = closeNanos = closeSequence = 0;
        open = high = low = close = Double.NaN;
        volume.reset();
        notional.reset();
    }

    @Override
    public long tradeCount() {
        return tradeCount;
    }

    /**
     * Returns the bar of all trades taken in so far.
     *
     * @param symbol its symbol
     * @param interval its interval
     * @param openTimeNanos start of its window
     * @param closeTimeNanos end of its window, exclusive
     * @param revision how often it was sent again after it closed
     * @param state how final it is
     */
    public Bar toBar(
            String symbol, Interval interval, long openTimeNanos, long closeTimeNanos, int revision, BarState state) {
        boolean empty = tradeCount == 0;
        return new Bar(
                symbol,
                interval,
                openTimeNanos,
                closeTimeNanos,
                open,
                high,
                low,
                close,
                volume.value(),
                notional.value(),
                tradeCount,
                empty ? 0 : firstEventNanos,
                empty ? 0 : lastEventNanos,
                revision,
                state);
    }

    @Override
    public int stateBytes() {
        return BYTES;
    }

    @Override
    public void mergeFrom(ByteBuffer in) {
        merge(readFrom(in));
    }

    /** Writes the state, in {@link #BYTES} bytes, big-endian, with a format number first. */
    @Override
    public void writeTo(ByteBuffer out) {
        out.put(FORMAT).putLong(tradeCount).putLong(pricedCount);
        out.putLong(firstEventNanos).putLong(lastEventNanos);
        out.putLong(openNanos).putLong(openSequence).putDouble(open);
        out.putLong(closeNanos).putDouble(close);
        out.putDouble(high).putDouble(low);
        out.putDouble(volume.high()).putDouble(volume.low());
        out.putDouble(notional.high()).putDouble(notional.low());
        out.putLong(closeSequence);
    }

    /**
     * Reads what {@link #writeTo} wrote.
     *
     * @throws InvalidInputException if the format number is unknown
     */
    public static PartialBar readFrom(ByteBuffer in) {
        byte format = in.get();
        if (format != FORMAT) {
            throw InvalidInputException.of("format of a partial bar", format, "must be " + FORMAT);
        }
        PartialBar partial = new PartialBar();
        partial.tradeCount = in.getLong();
        partial.pricedCount = in.getLong();
        partial.firstEventNanos = in.getLong();
        partial.lastEventNanos = in.getLong();
        partial.openNanos = in.getLong();
        partial.openSequence = in.getLong();
        partial.open = in.getDouble();
        partial.closeNanos = in.getLong();
        partial.close = in.getDouble();
        partial.high = in.getDouble();
        partial.low = in.getDouble();
        partial.volume.add(in.getDouble(), in.getDouble());
        partial.notional.add(in.getDouble(), in.getDouble());
        partial.closeSequence = in.getLong();
        return partial;
    }
}
