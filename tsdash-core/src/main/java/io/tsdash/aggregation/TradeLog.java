package io.tsdash.aggregation;

/**
 * The recent trades of one symbol, in order of (event time, sequence), each identity once with its highest version.
 *
 * <p>A ring: in order, a trade costs one comparison and an append; out of order, a binary search and a shift of what came
 * after it. Removal is from the old end only, and moves nothing. A trade takes five consecutive longs, so that it lies in
 * one or two cache lines. Single-threaded.
 */
final class TradeLog {
    static final int PRICE_FLAG = 1;
    static final int VOLUME_FLAG = 2;

    private static final int STRIDE = 5;
    private static final int SEQUENCE = 1;
    private static final int PRICE = 2;
    private static final int VOLUME = 3;
    private static final int META = 4; // version << 2 | flags
    private static final int TRADES_INITIAL = 16; // a power of two, as every capacity

    private long[] slots = new long[TRADES_INITIAL * STRIDE];
    private int mask = TRADES_INITIAL - 1;
    private int head; // place of the oldest trade
    private int size;

    int size() {
        return size;
    }

    /** Whether (time, sequence) sorts after every trade here, so that it can only be new. */
    boolean isAfterLast(long eventTimeNanos, long sequence) {
        if (size == 0) {
            return true;
        }
        int last = at(size - 1);
        return eventTimeNanos > slots[last] || (eventTimeNanos == slots[last] && sequence > slots[last + SEQUENCE]);
    }

    void append(long eventTimeNanos, long sequence, double price, double volume, int version, int flags) {
        makeRoom();
        put(at(size++), eventTimeNanos, sequence, price, volume, version, flags);
    }

    /**
     * Returns the index of the first trade that does not sort before (time, sequence). Who comes late comes a little late as a
     * rule, so it looks from the newest backwards, in steps that double, and halves only the last of them (Bentley and Yao,
     * "An almost optimal algorithm for unbounded searching", 1976).
     */
    int lowerBound(long eventTimeNanos, long sequence) {
        int high = size;
        int low = size - 1;
        for (int step = 1; low >= 0 && !precedes(low, eventTimeNanos, sequence); step *= 2) {
            high = low;
            low -= step;
        }
        low = Math.max(low + 1, 0);
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (precedes(middle, eventTimeNanos, sequence)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private boolean precedes(int index, long eventTimeNanos, long sequence) {
        long time = eventTimeNanos(index);
        return time < eventTimeNanos || (time == eventTimeNanos && sequence(index) < sequence);
    }

    boolean holds(int index, long eventTimeNanos, long sequence) {
        return index < size && eventTimeNanos(index) == eventTimeNanos && sequence(index) == sequence;
    }

    void insert(int index, long eventTimeNanos, long sequence, double price, double volume, int version, int flags) {
        makeRoom();
        int from = at(index);
        int end = at(size);
        if (from <= end) {
            System.arraycopy(slots, from, slots, from + STRIDE, end - from);
        } else { // it goes round the end of the ring
            for (int i = size; i > index; i--) {
                System.arraycopy(slots, at(i - 1), slots, at(i), STRIDE);
            }
        }
        size++;
        put(from, eventTimeNanos, sequence, price, volume, version, flags);
    }

    void replace(int index, double price, double volume, int version, int flags) {
        int at = at(index);
        put(at, slots[at], slots[at + SEQUENCE], price, volume, version, flags);
    }

    /** Forgets the trades before this time. */
    void removeBefore(long eventTimeNanos) {
        int removed = lowerBound(eventTimeNanos, Long.MIN_VALUE);
        head = (head + removed) & mask;
        size -= removed;
    }

    long eventTimeNanos(int index) {
        return slots[at(index)];
    }

    long sequence(int index) {
        return slots[at(index) + SEQUENCE];
    }

    double price(int index) {
        return Double.longBitsToDouble(slots[at(index) + PRICE]);
    }

    double volume(int index) {
        return Double.longBitsToDouble(slots[at(index) + VOLUME]);
    }

    int version(int index) {
        return (int) (slots[at(index) + META] >>> 2);
    }

    boolean setsPrice(int index) {
        return (slots[at(index) + META] & PRICE_FLAG) != 0;
    }

    boolean countsVolume(int index) {
        return (slots[at(index) + META] & VOLUME_FLAG) != 0;
    }

    int flags(int index) {
        return (int) (slots[at(index) + META] & (PRICE_FLAG | VOLUME_FLAG));
    }

    /** Gives the trades of {@code [from, to)} that count for anything to a summary. */
    void addRange(long fromNanos, long toNanos, PartialAggregate<?> summary) {
        for (int i = lowerBound(fromNanos, Long.MIN_VALUE); i < size && eventTimeNanos(i) < toNanos; i++) {
            if (setsPrice(i) || countsVolume(i)) {
                summary.add(eventTimeNanos(i), sequence(i), price(i), volume(i), setsPrice(i), countsVolume(i));
            }
        }
    }

    private int at(int index) {
        return ((head + index) & mask) * STRIDE;
    }

    private void put(int at, long eventTimeNanos, long sequence, double price, double volume, int version, int flags) {
        slots[at] = eventTimeNanos;
        slots[at + SEQUENCE] = sequence;
        slots[at + PRICE] = Double.doubleToRawLongBits(price);
        slots[at + VOLUME] = Double.doubleToRawLongBits(volume);
        slots[at + META] = (long) version << 2 | flags;
    }

    private void makeRoom() {
        if (size <= mask) {
            return;
        }
        long[] larger = new long[slots.length * 2];
        int untilEnd = slots.length - head * STRIDE;
        System.arraycopy(slots, head * STRIDE, larger, 0, untilEnd);
        System.arraycopy(slots, 0, larger, untilEnd, slots.length - untilEnd);
        slots = larger;
        mask = 2 * mask + 1;
        head = 0;
    }
}
