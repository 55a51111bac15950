package io.tsdash.aggregation;

import io.tsdash.error.InvalidInputException;
import io.tsdash.model.DecimalSum;
import io.tsdash.model.Trade;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The sums of one symbol over its last stretch of event time. Add what enters, subtract what leaves; after as many
 * have left as are in it the sums are made anew, so that rounding never adds up. Single-threaded.
 */
final class RollingSums {
    private static final byte FORMAT = 1;
    private static final int HEAD_BYTES = 1 + 5 * Long.BYTES + 6 * Double.BYTES;

    private final long sizeNanos;
    private final TradeLog log = new TradeLog();
    private final DecimalSum prices = new DecimalSum();
    private final DecimalSum volume = new DecimalSum();
    private final DecimalSum notional = new DecimalSum();
    private long priced;
    private long weighed;
    private long tradeCount;
    private long clockNanos = Long.MIN_VALUE / 2;
    private long leftSinceRebuild;
    private @Nullable SavedSeconds saved; // from the first save on
    private boolean queuedForSave;

    RollingSums(long sizeNanos) {
        this.sizeNanos = sizeNanos;
    }

    Outcome add(Trade trade) {
        long time = trade.eventTimeNanos();
        if (time <= clockNanos - sizeNanos) {
            return Outcome.TOO_LATE;
        }
        int flags = trade.cancelled()
                ? 0
                : (trade.setsPrice() ? TradeLog.PRICE_FLAG : 0) | (trade.countsVolume() ? TradeLog.VOLUME_FLAG : 0);
        boolean late = time < clockNanos;
        int index = log.lowerBound(time, trade.sequence());
        Outcome outcome = trade.cancelled() ? Outcome.CANCELLED : late ? Outcome.ADDED_LATE : Outcome.ADDED;
        if (log.holds(index, time, trade.sequence())) {
            if (trade.version() <= log.version(index)) {
                return Outcome.DUPLICATE;
            }
            count(index, -1);
            log.replace(index, trade.price(), trade.volume(), trade.version(), flags);
            outcome = trade.cancelled() ? Outcome.CANCELLED : Outcome.CORRECTED;
        } else {
            log.insert(index, time, trade.sequence(), trade.price(), trade.volume(), trade.version(), flags);
        }
        count(index, 1);
        if (saved != null) {
            saved.changed(time);
        }
        if (time > clockNanos) {
            clockNanos = time;
            letGo(time - sizeNanos);
        }
        return outcome;
    }

    Optional<RollingValue> value(String symbol) {
        if (tradeCount == 0) {
            return Optional.empty();
        }
        return Optional.of(new RollingValue(
                symbol,
                clockNanos,
                prices.value() / priced,
                notional.value() / volume.value(),
                volume.value(),
                tradeCount));
    }

    /** Returns whether the caller must remember to save this symbol; true once until the next save. */
    boolean queueForSave() {
        boolean first = !queuedForSave;
        queuedForSave = true;
        return first;
    }

    /** Writes what changed since the last save. */
    void save(String symbol, StatePieces pieces) {
        queuedForSave = false;
        if (saved == null) {
            saved = new SavedSeconds();
            for (int i = 0; i < log.size(); i++) {
                saved.changed(log.eventTimeNanos(i));
            }
        }
        saved.save(symbol, log, clockNanos - sizeNanos, pieces);
        ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES).put(FORMAT).putLong(clockNanos);
        head.putLong(priced).putLong(weighed).putLong(tradeCount).putLong(leftSinceRebuild);
        for (DecimalSum sum : List.of(prices, volume, notional)) {
            head.putDouble(sum.high()).putDouble(sum.low());
        }
        pieces.put(new StateKey(symbol, StateKey.HEAD, 0, 0).bytes(), head.array());
    }

    /** Goes on from what was saved; nothing may have been added before. */
    void load(SortedMap<StateKey, byte[]> pieces) {
        SavedSeconds seconds = new SavedSeconds();
        pieces.forEach((key, piece) -> {
            if (key.kind() == StateKey.HEAD) {
                loadHead(ByteBuffer.wrap(piece));
            } else {
                seconds.kept(key);
                SavedTrades.load(piece, log, clockNanos - sizeNanos + 1);
            }
        });
        saved = seconds;
    }

    private void loadHead(ByteBuffer in) {
        byte format = in.get();
        if (format != FORMAT) {
            throw InvalidInputException.of("format of the state of an average", format, "must be " + FORMAT);
        }
        clockNanos = in.getLong();
        priced = in.getLong();
        weighed = in.getLong();
        tradeCount = in.getLong();
        leftSinceRebuild = in.getLong();
        for (DecimalSum sum : List.of(prices, volume, notional)) {
            sum.add(in.getDouble(), in.getDouble());
        }
    }

    private void letGo(long untilNanos) {
        int left = log.lowerBound(untilNanos + 1, Long.MIN_VALUE);
        for (int i = 0; i < left; i++) {
            count(i, -1);
        }
        log.removeBefore(untilNanos + 1);
        leftSinceRebuild += left;
        if (leftSinceRebuild > log.size()) {
            rebuild();
        }
    }

    private void rebuild() {
        leftSinceRebuild = 0;
        prices.reset();
        volume.reset();
        notional.reset();
        priced = 0;
        weighed = 0;
        tradeCount = 0;
        for (int i = 0, n = log.size(); i < n; i++) {
            count(i, 1);
        }
    }

    private void count(int index, int sign) {
        boolean setsPrice = log.setsPrice(index);
        boolean countsVolume = log.countsVolume(index);
        if (setsPrice) {
            priced += sign;
            prices.add(sign * log.price(index));
        }
        if (countsVolume) {
            weighed += sign;
            volume.add(sign * log.volume(index));
            notional.addProduct(log.price(index), sign * log.volume(index));
        }
        if (setsPrice || countsVolume) {
            tradeCount += sign;
        }
        // A sum of nothing is zero, not what rounding left of it.
        if (priced == 0) {
            prices.reset();
        }
        if (weighed == 0) {
            volume.reset();
            notional.reset();
        }
    }
}
