package io.tsdash.store;

import io.tsdash.model.Trade;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * What is left of a batch when each identity keeps its highest version only.
 *
 * <p>Adapters write this, so that no engine has to resolve a conflict of a batch with itself. Costs one sort, which is
 * close to linear for trades that come nearly in order.
 */
public final class DistinctTrades {
    private static final Comparator<Trade> IDENTITY = Comparator.comparingLong(Trade::eventTimeNanos)
            .thenComparingLong(Trade::sequence)
            .thenComparing(Trade::symbol);
    private static final Comparator<Trade> HIGHEST_LAST = IDENTITY.thenComparingInt(Trade::version);

    private DistinctTrades() {}

    /**
     * Returns the trades with the highest version of each identity, in order of (event time, sequence).
     *
     * @param batch in any order; not changed
     */
    public static List<Trade> of(Collection<Trade> batch) {
        Trade[] sorted = batch.toArray(Trade[]::new);
        Arrays.sort(sorted, HIGHEST_LAST);
        int kept = 0;
        for (int i = 0; i < sorted.length; i++) {
            boolean lastOfIdentity = i + 1 == sorted.length || IDENTITY.compare(sorted[i], sorted[i + 1]) != 0;
            if (lastOfIdentity) {
                sorted[kept++] = sorted[i];
            }
        }
        return List.of(Arrays.copyOf(sorted, kept));
    }
}
