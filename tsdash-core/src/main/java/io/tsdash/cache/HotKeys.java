package io.tsdash.cache;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Counts the keys that are asked for most, in bounded memory: Space-Saving (Metwally, Agrawal and El Abbadi, 2005).
 *
 * <p>A key without a counter takes over the smallest one. With {@code n} counters a key that has more than one question in {@code n}
 * is among them, and no count is too high by more than that share. One question in {@value #SAMPLE} is looked at, and counts
 * for as many, so that a hit stays cheap; counts are estimates therefore. Thread-safe; never blocks: what meets another at
 * the counters is left out.
 */
public final class HotKeys {
    private static final int SAMPLE = 16;

    /**
     * How often a key was asked for.
     *
     * @param key the key
     * @param count how often, by estimate
     * @param errorMax by how much of the count at most others may be to blame
     */
    public record Count(String key, long count, long errorMax) {}

    private static final class Counter {
        private long count;
        private long error;
    }

    private final int size;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Counter> counters = new HashMap<>();

    /** @param size for how many keys it counts, at least 1 */
    HotKeys(int size) {
        this.size = size;
    }

    /** Counts a question. */
    void asked(String key) {
        if (ThreadLocalRandom.current().nextInt(SAMPLE) == 0 && lock.tryLock()) {
            try {
                count(key, SAMPLE);
            } finally {
                lock.unlock();
            }
        }
    }

    /** Returns all counts, the highest first. */
    List<Count> most() {
        lock.lock();
        try {
            return counters.entrySet().stream()
                    .map(each -> new Count(each.getKey(), each.getValue().count, each.getValue().error))
                    .sorted(Comparator.comparingLong(Count::count).reversed())
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    void count(String key, int by) {
        Counter counter = counters.get(key);
        if (counter == null) {
            counter = new Counter();
            if (counters.size() >= size) {
                Map.Entry<String, Counter> least = counters.entrySet().stream()
                        .min(Comparator.comparingLong(each -> each.getValue().count))
                        .orElseThrow();
                counter.count = least.getValue().count;
                counter.error = counter.count;
                counters.remove(least.getKey());
            }
            counters.put(key, counter);
        }
        counter.count += by;
    }
}
