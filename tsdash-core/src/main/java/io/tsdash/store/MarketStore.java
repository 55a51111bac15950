package io.tsdash.store;

import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Keeps trades and bars and answers range questions.
 *
 * <p>All writes are upserts by identity, so a replay or a retry of any batch is safe. A write that returned is
 * durable as far as {@link #capabilities()} says. Calls block; they throw
 * {@link io.tsdash.error.TransientException} when trying again can help and
 * {@link io.tsdash.error.PermanentException} when it cannot. Thread-safe.
 *
 * <p>The rules have numbers, and the contract kit in {@code tsdash-testkit} has a test of each:
 *
 * <ol>
 *   <li>S1 A trade appended is returned by a range over its event time, field for field, the symbol letter for letter.
 *   <li>S2 Appending a trade again changes nothing; two trades that differ in sequence only are two.
 *   <li>S3 Of one identity the highest version holds, in whatever order versions came; a cancelled trade is in no answer,
 *       but for a range that asks for cancels.
 *   <li>S4 Ranges are half open, {@code [from, to)}, ordered by (event time, sequence), and limited.
 *   <li>S5 Bars are upserts by (symbol, interval, open time); of two the one with the higher revision holds, and the
 *       same revision replaces.
 *   <li>S6 A retracted bar is in no answer.
 *   <li>S7 Bars on demand equal those that a batch over the sorted trades gives: prices and counts exactly, sums
 *       to 1e-12 relative.
 *   <li>S8 The last trade is the eligible one with the largest (event time, sequence).
 *   <li>S9 Retention removes what is older than it says, and nothing else.
 *   <li>S10 What a call acknowledged is there after close and open again (durable stores).
 *   <li>S11 An empty range, an unknown symbol or an empty batch is no error.
 *   <li>S12 A call after {@link #close()} is refused with a clear error; closing twice is not an error.
 * </ol>
 */
public interface MarketStore extends AutoCloseable {

    /** Returns a store in memory: what it keeps ends with the process. It grows until retention is called. */
    static MarketStore inMemory() {
        return new InMemoryMarketStore();
    }

    /** Returns what this store can do. */
    StoreCapabilities capabilities();

    /**
     * Writes trades, corrections and cancels; each of them once, whatever was written before.
     *
     * @param batch in any order, of any symbols; not kept
     * @return how many were new, replaced an older version, or were there already
     */
    AppendResult appendTrades(List<Trade> batch);

    /** Writes bars; see S5 and S6. */
    void upsertBars(List<Bar> bars);

    /**
     * Streams trades of one symbol in order of (event time, sequence).
     *
     * @return how many were handed out; equal to the limit when there may be more
     */
    long trades(TradeRange range, Consumer<? super Trade> consumer);

    /** Returns bars that were written, in order of open time. */
    List<Bar> bars(BarRange range);

    /**
     * Builds bars of any interval from the raw trades: those whose open time lies in the range, each of all its trades.
     *
     * @return bars in order of open time, with state {@code CLOSED} and revision 0
     */
    List<Bar> barsOnDemand(BarRange range);

    /** Returns the eligible trade with the largest (event time, sequence). */
    Optional<Trade> lastTrade(String symbol);

    /** Returns all symbols that have trades, in order. */
    List<String> symbols();

    /** Returns how many trades of all symbols are kept, without the cancelled ones. */
    long tradeCount();

    /**
     * Removes trades with an event time before this.
     *
     * @return how many trades were removed
     */
    long deleteTradesBefore(long eventTimeNanos);

    /**
     * Removes bars of one interval that end at or before this.
     *
     * @return how many bars were removed
     */
    long deleteBarsBefore(Interval interval, long closeTimeNanos);

    /** Ends it; flushes what is held, in bounded time. */
    @Override
    void close();
}
