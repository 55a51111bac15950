package io.tsdash.aggregation;

import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;

/** The trades of a {@link RollingSums} as pieces of state, by the second in which they happened. Single-threaded. */
final class SavedSeconds {
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final TreeMap<Long, SavedTrades> seconds = new TreeMap<>(); // by start
    private SavedTrades newest = new SavedTrades();
    private long newestStartNanos = Long.MAX_VALUE;

    /** Says that a trade of this time was added or changed. */
    void changed(long eventTimeNanos) {
        at(eventTimeNanos).changed(eventTimeNanos);
    }

    /** Says that a chunk is kept. */
    void kept(StateKey trades) {
        at(trades.major()).setChunks(trades.minor() + 1);
    }

    /** Writes what changed; the log has let go of all trades up to a time, inclusive. */
    void save(String symbol, TradeLog log, long letGoNanos, StatePieces pieces) {
        Iterator<Map.Entry<Long, SavedTrades>> all = seconds.entrySet().iterator();
        while (all.hasNext()) {
            Map.Entry<Long, SavedTrades> second = all.next();
            long start = second.getKey();
            SavedTrades saved = second.getValue();
            boolean ended = start + SECOND_NANOS <= letGoNanos;
            if (ended || (saved.isUnsaved() && start <= letGoNanos)) {
                saved.changedWhole(); // its first trades have gone, so chunks no longer begin where they did
            }
            saved.save(symbol, log, start, start + SECOND_NANOS, pieces);
            if (ended) {
                all.remove();
            }
        }
        newestStartNanos = Long.MAX_VALUE;
    }

    private SavedTrades at(long timeNanos) {
        long start = timeNanos - Math.floorMod(timeNanos, SECOND_NANOS);
        if (start != newestStartNanos) {
            newest = seconds.computeIfAbsent(start, second -> new SavedTrades());
            newestStartNanos = start;
        }
        return newest;
    }
}
