package io.tsdash.store.writer;

import io.tsdash.error.InvalidInputException;
import io.tsdash.error.PermanentException;
import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.store.MarketStore;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes a batch; where the store refuses it for good, by halves, until only the trades that it refuses are left.
 *
 * <p>A trade is poison when the store says that the trade itself breaks a rule ({@link InvalidInputException}), or when it
 * refuses that trade and takes others of the batch. A store that refuses everything, because a password has changed say,
 * is at fault itself; it is not asked for each single trade.
 */
final class PoisonSearch {
    private static final int REFUSED_ALONE_MAX = 4;

    /** A trade and why the store refuses it. */
    record Refusal(Trade trade, PermanentException reason) {}

    /**
     * What became of a batch.
     *
     * @param stored acknowledged by the store
     * @param duplicates those of them that it had already
     * @param poison trades that it refuses
     */
    record Result(int stored, int duplicates, List<Refusal> poison) {}

    private final MarketStore store;
    private final List<Refusal> refused = new ArrayList<>();
    private int stored;
    private int duplicates;
    private @Nullable PermanentException last;

    private PoisonSearch(MarketStore store) {
        this.store = store;
    }

    /**
     * Writes what can be written.
     *
     * @throws PermanentException if the store takes nothing of it, and the trades are not to blame
     * @throws io.tsdash.error.TransientException if the store is away meanwhile: the same batch can be tried again
     */
    static Result write(MarketStore store, List<Trade> batch) {
        PoisonSearch search = new PoisonSearch(store);
        search.write(batch);
        PermanentException last = search.last;
        if (last != null && search.isStoresFault()) {
            throw last;
        }
        return new Result(search.stored, search.duplicates, search.refused);
    }

    private void write(List<Trade> batch) {
        try {
            AppendResult result = store.appendTrades(batch);
            stored += batch.size();
            duplicates += result.duplicates();
        } catch (PermanentException e) {
            last = e;
            if (batch.size() == 1) {
                refused.add(new Refusal(batch.get(0), e));
                return;
            }
            int half = batch.size() / 2;
            write(batch.subList(0, half));
            if (refused.size() < REFUSED_ALONE_MAX || !isStoresFault()) {
                write(batch.subList(half, batch.size()));
            }
        }
    }

    private boolean isStoresFault() {
        return stored == 0 && refused.stream().noneMatch(each -> each.reason() instanceof InvalidInputException);
    }
}
