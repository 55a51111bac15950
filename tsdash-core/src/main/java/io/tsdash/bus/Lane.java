package io.tsdash.bus;

import io.tsdash.model.MarketEvent;
import java.util.AbstractList;
import java.util.Objects;
import java.util.RandomAccess;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The events of one partition that wait for one consumer: a ring between publishers and the consumer's thread.
 *
 * <p>Publishers take turns (the partition's lock), the consumer is one thread, so each of the two positions has one
 * writer. A publisher makes events visible by moving {@code published}; the consumer gives slots back by moving
 * {@code acknowledged}.
 */
final class Lane {
    private final @Nullable MarketEvent[] slots;
    private final int mask;
    private final AtomicLong published = new AtomicLong();
    private final AtomicLong acknowledged = new AtomicLong();
    private final Batch batch = new Batch();

    // The publishers' copy of the other side's position, so that they rarely touch its cache line.
    private long acknowledgedSeen;

    Lane(int capacity) {
        int size = Integer.highestOneBit(Math.max(1, capacity - 1)) << 1;
        slots = new MarketEvent[Math.max(size, 1)];
        mask = slots.length - 1;
    }

    /** Returns how many events fit now. Publishers only, under the partition's lock. */
    int space() {
        long space = slots.length - (published.get() - acknowledgedSeen);
        if (space == 0) {
            acknowledgedSeen = acknowledged.get();
            space = slots.length - (published.get() - acknowledgedSeen);
        }
        return (int) space;
    }

    /** Adds an event that fits. Publishers only. */
    void put(MarketEvent event) {
        long position = published.get();
        slots[(int) position & mask] = event;
        // A volatile write: the publisher then looks whether the consumer sleeps, and the two must not be swapped.
        published.set(position + 1);
    }

    /** Returns the waiting events, at most so many; valid until acknowledged. Consumer only. */
    Batch waiting(int countMax) {
        long start = acknowledged.get();
        batch.start = start;
        batch.count = (int) Math.min(countMax, published.get() - start);
        return batch;
    }

    /** Gives the slots of the events back. Consumer only. */
    void acknowledge(int count) {
        long start = acknowledged.get();
        for (int i = 0; i < count; i++) {
            slots[(int) (start + i) & mask] = null;
        }
        acknowledged.setRelease(start + count);
    }

    long lag() {
        long acknowledgedNow = acknowledged.get();
        return published.get() - acknowledgedNow;
    }

    /** A view of slots, the same object every time, so that a batch costs no allocation. */
    final class Batch extends AbstractList<MarketEvent> implements RandomAccess {
        private long start;
        private int count;

        @Override
        public MarketEvent get(int index) {
            Objects.checkIndex(index, count);
            return Objects.requireNonNull(slots[(int) (start + index) & mask]);
        }

        @Override
        public int size() {
            return count;
        }
    }
}
