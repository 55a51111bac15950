package io.tsdash.influx;

import io.tsdash.error.InvalidInputException;
import io.tsdash.model.Trade;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * The trades of one symbol within one microsecond, and what becomes of them when more come.
 *
 * <p>A known trade, in a new version or again, is written to its slot; a trade behind all others takes the next slot; one that belongs between others
 * has the group written again with new slots. Single-threaded.
 */
final class TradeGroup {
    static final int SLOTS_MAX = 1_000;

    private static final Comparator<Trade> ORDER =
            Comparator.comparingLong(Trade::eventTimeNanos).thenComparingLong(Trade::sequence);

    private final String where;
    private final long startNanos;
    private final List<Trade> trades = new ArrayList<>();
    private final List<Integer> slots = new ArrayList<>();
    private final BitSet changed = new BitSet();
    private int inserted;
    private int replaced;

    TradeGroup(String where, long startNanos) {
        this.where = where;
        this.startNanos = startNanos;
    }

    /** Takes a trade that is in the store, in order of slots. */
    void stored(Trade trade, long pointNanos) {
        trades.add(trade);
        slots.add((int) (pointNanos - startNanos));
    }

    /** Takes a trade that is to be written. */
    void write(Trade trade) {
        int at = 0;
        while (at < trades.size() && ORDER.compare(trades.get(at), trade) < 0) {
            at++;
        }
        if (at < trades.size() && ORDER.compare(trades.get(at), trade) == 0) {
            // Written again even where nothing changes: a server whose disk was full may show what it has in memory
            // only.
            changed.set(slots.get(at));
            if (trades.get(at).version() < trade.version()) {
                trades.set(at, trade);
                replaced++;
            }
            return;
        }
        int next = nextSlot();
        if (next == SLOTS_MAX) {
            throw full(where, trade);
        }
        inserted++;
        trades.add(at, trade);
        slots.add(next);
        for (int i = at; i < slots.size(); i++) {
            changed.set(slots.get(i));
        }
    }

    static InvalidInputException full(String where, Trade trade) {
        return new InvalidInputException(
                where + "refused trade (" + trade.symbol() + ", " + trade.eventTimeNanos() + ", "
                        + trade.sequence() + "): InfluxDB keeps at most " + SLOTS_MAX
                        + " trades of a symbol in one microsecond");
    }

    int inserted() {
        return inserted;
    }

    int replaced() {
        return replaced;
    }

    /** Returns the slot that comes after all. */
    int nextSlot() {
        return slots.isEmpty() ? 0 : slots.get(slots.size() - 1) + 1;
    }

    /** Returns whether this trade is in the store, in this version or a higher one. */
    boolean holds(Trade trade) {
        for (Trade stored : trades) {
            if (ORDER.compare(stored, trade) == 0) {
                return stored.version() >= trade.version();
            }
        }
        return false;
    }

    /** Writes the points that changed, as one group of lines. */
    void appendTo(LineBuffer lines, byte[] symbolTag) {
        for (int i = 0; i < trades.size(); i++) {
            if (changed.get(slots.get(i))) {
                TradePoints.append(lines, symbolTag, trades.get(i), startNanos + slots.get(i));
            }
        }
        lines.cut();
    }
}
