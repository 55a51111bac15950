package io.tsdash.aggregation;

import java.util.Arrays;

/**
 * The recent trades of one symbol, in order of (event time, sequence), each identity once with its highest version.
 *
 * <p>In order, a trade costs one comparison and an append; out of order, a binary search and a shift. Removal is from
 * the old end only. A trade takes five consecutive longs, so that it lies in one or two cache lines. Single-threaded.
 */
final class TradeLog {
    static final int PRICE_FLAG = 1;
    static final int VOLUME_FLAG = 2;

    private static final int STRIDE = 5;
    private static final int SEQUENCE = 1;
    private static final int PRICE = 2;
    private static final int VOLUME = 3;
    private static final int META = 4; // version << 2 | flags
    private static final int TRADES_INITIAL = 16;

    private long[] slots = new long[TRADES_INITIAL * STRIDE];
    private int head; // in slots
    private int tail; // in slots, exclusive

    int size() {
        return (tail - head) / STRIDE;
    }

    /** Whether (time, sequence) sorts after every trade here, so that it can only be new. */
    boolean isAfterLast(long eventTimeNanos, long sequence) {
        if (tail == head) {
            return true;
        }
        long last = slots[tail - STRIDE];
        return eventTimeNanos > last || (eventTimeNanos == last && sequence > slots[tail - STRIDE + SEQUENCE]);
    }

    void append(long eventTimeNanos, long sequence, double price, double volume, int version, int flags) {
        makeRoom();
        put(tail, eventTimeNanos, sequence, price, volume, version, flags);
        tail += STRIDE;
    }

    /** Returns the index of the first trade that does not sort before (time, sequence). */
    int lowerBound(long eventTimeNanos, long sequence) {
        int low = 0;
        int high = size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            long time = slots[head + middle * STRIDE];
            if (time < eventTimeNanos || (time == eventTimeNanos && sequence(middle) < sequence)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    boolean holds(int index, long eventTimeNanos, long sequence) {
        return index < size() && eventTimeNanos(index) == eventTimeNanos && sequence(index) == sequence;
    }

    void insert(int index, long eventTimeNanos, long sequence, double price, double volume, int version, int flags) {
        makeRoom();
        int at = head + index * STRIDE;
        System.arraycopy(slots, at, slots, at + STRIDE, tail - at);
        put(at, eventTimeNanos, sequence, price, volume, version, flags);
        tail += STRIDE;
    }

    void replace(int index, double price, double volume, int version, int flags) {
        int at = head + index * STRIDE;
        put(at, slots[at], slots[at + SEQUENCE], price, volume, version, flags);
    }

    /** Forgets the trades before this time. */
    void removeBefore(long eventTimeNanos) {
        head += lowerBound(eventTimeNanos, Long.MIN_VALUE) * STRIDE;
        if (head == tail) {
            head = tail = 0;
        }
    }

    long eventTimeNanos(int index) {
        return slots[head + index * STRIDE];
    }

    long sequence(int index) {
        return slots[head + index * STRIDE + SEQUENCE];
    }

    double price(int index) {
        return Double.longBitsToDouble(slots[head + index * STRIDE + PRICE]);
    }

    double volume(int index) {
        return Double.longBitsToDouble(slots[head + index * STRIDE + VOLUME]);
    }

    int version(int index) {
        return (int) (slots[head + index * STRIDE + META] >>> 2);
    }

    boolean setsPrice(int index) {
        return (slots[head + index * STRIDE + META] & PRICE_FLAG) != 0;
    }

    boolean countsVolume(int index) {
        return (slots[head + index * STRIDE + META] & VOLUME_FLAG) != 0;
    }

    /** Gives the trades of {@code [from, to)} that count for anything to a summary. */
    void addRange(long fromNanos, long toNanos, PartialAggregate<?> summary) {
        for (int i = lowerBound(fromNanos, Long.MIN_VALUE), n = size(); i < n && eventTimeNanos(i) < toNanos; i++) {
            if (setsPrice(i) || countsVolume(i)) {
                summary.add(eventTimeNanos(i), sequence(i), price(i), volume(i), setsPrice(i), countsVolume(i));
            }
        }
    }

    private void put(int at, long eventTimeNanos, long sequence, double price, double volume, int version, int flags) {
        slots[at] = eventTimeNanos;
        slots[at + SEQUENCE] = sequence;
        slots[at + PRICE] = Double.doubleToRawLongBits(price);
        slots[at + VOLUME] = Double.doubleToRawLongBits(volume);
        slots[at + META] = (long) version << 2 | flags;
    }

    private void makeRoom() {
        if (tail < slots.length) {
            return;
        }
        int used = tail - head;
        // With half of it free at the old end, moving is cheaper than growing, and still rare.
        long[] target = head >= slots.length / 2 ? slots : Arrays.copyOf(slots, slots.length * 2);
        System.arraycopy(slots, head, target, 0, used);
        slots = target;
        head = 0;
        tail = used;
    }
}
