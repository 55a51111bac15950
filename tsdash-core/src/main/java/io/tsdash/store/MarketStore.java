package io.tsdash.store;

import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
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
 *   <li>S1 A trade appended is returned by a range over its event time, field for field, the symbol letter for letter; a
 *       symbol that a store cannot hold so is refused.
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
 *   <li>S9 Retention removes what is older than it says, and nothing else: bars, also pre-computed ones, outlive their trades,
 *       and pre-computed bars outlive those that were written.
 *   <li>S10 What a call acknowledged is there after close and open again (durable stores).
 *   <li>S11 An empty range, an unknown symbol or an empty batch is no error.
 *   <li>S12 A call after {@link #close()} is refused with a clear error; closing twice is not an error.
 *   <li>S13 Pre-computed bars equal bars on demand as S7 has it, whatever came late, twice, corrected or cancelled: at once
 *       where {@link StoreCapabilities#precomputedAtOnce()} says so, else after {@link #refreshBars()}.
 *   <li>S14 Threads may append at once, also the same trades: none is lost and none is there twice. So may processes where
 *       {@link StoreCapabilities#sharedSymbols()} says so.
 *   <li>S15 A write that failed in passing, wherever it was cut, can be tried again: then each trade is there once, in the
 *       trades, in the bars and in the pre-computed bars, and so is each bar that was written. An answer that was cut is a
 *       failure, and never taken for all.
 *   <li>S16 Event times that differ by {@link StoreCapabilities#timePrecisionNanos()} are kept apart and in order.
 *   <li>S17 What was written takes space, in a store that can say how much.
 *   <li>S18 A call gives its connection back, however it ends, in a store that has a bounded number of them.
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

    /**
     * Returns bars that the engine keeps up to date by itself, as {@link #barsOnDemand} would make them.
     *
     * @throws io.tsdash.error.InvalidInputException if the interval is none of {@link StoreCapabilities#precomputed()}
     */
    List<Bar> precomputedBars(BarRange range);

    /**
     * Brings the pre-computed bars up to date: when it returns they hold all that was acknowledged before the call.
     *
     * <p>Adapters do so from time to time by themselves; this is for who cannot wait. Does nothing where nothing is
     * pre-computed, or all of it at once.
     */
    void refreshBars();

    /** Returns the eligible trade with the largest (event time, sequence). */
    Optional<Trade> lastTrade(String symbol);

    /** Returns all symbols that have trades, in order. */
    List<String> symbols();

    /** Returns how many trades of all symbols are kept, without the cancelled ones. */
    long tradeCount();

    /**
     * Returns how many bytes trades and bars take on disk now, with their indexes and in all copies; empty where the engine does
     * not tell. It is a question to the engine: ask it once a minute or so, not for each write.
     */
    default OptionalLong storedBytes() {
        return OptionalLong.empty();
    }

    /**
     * Returns how much of the bounded pool of connections to the engine is in use now; empty where there is no engine to connect
     * to, or no bound. It asks nobody and does not wait, and may be called after {@link #close()} too.
     */
    default Optional<PoolUse> poolUse() {
        return Optional.empty();
    }

    /**
     * Removes trades with an event time before this.
     *
     * @return how many trades were removed
     */
    long deleteTradesBefore(long eventTimeNanos);

    /**
     * Removes bars that were written, of one interval, that end at or before this; pre-computed ones stay.
     *
     * @return how many bars were removed
     */
    long deleteBarsBefore(Interval interval, long closeTimeNanos);

    /** Ends it; flushes what is held, in bounded time. */
    @Override
    void close();
}
