package io.tsdash.store;

import io.tsdash.model.Bar;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What is left of a batch when each bar keeps its highest revision only, and of two of one revision the later. */
public final class DistinctBars {
    private record Identity(String symbol, String interval, long openTimeNanos) {}

    private DistinctBars() {}

    /**
     * Returns one bar of each identity, in order of open time.
     *
     * @param batch in the order in which they were made; not changed
     */
    public static List<Bar> of(Collection<Bar> batch) {
        Map<Identity, Bar> held = new HashMap<>();
        for (Bar bar : batch) {
            held.merge(
                    new Identity(bar.symbol(), bar.interval().text(), bar.openTimeNanos()),
                    bar,
                    (old, young) -> young.revision() >= old.revision() ? young : old);
        }
        List<Bar> distinct = new ArrayList<>(held.values());
        distinct.sort(Comparator.comparingLong(Bar::openTimeNanos));
        return distinct;
    }
}
