package io.tsdash.distribution;

import io.tsdash.model.DecimalSum;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import java.util.Arrays;

/**
 * The newest trades of one symbol, in order of (event time, sequence), and what a price row says about them: the last
 * trade, and first price and volume of the UTC day.
 *
 * <p>Any order of arrival gives the same answers, with duplicates, corrections and cancels, as long as each trade
 * comes before the tape has moved on beyond it. Lies in arrays that grow up to the limit; allocates nothing after.
 * Single-threaded.
 */
final class TradeTape {
    private static final int FIRST_SIZE = 16;
    private static final long DAY_NANOS = 86_400_000_000_000L;
    private static final int BUY = 1;
    private static final int SELL = 2;
    private static final int SETS_PRICE = 4;
    private static final int COUNTS_VOLUME = 8;

    private final int max;
    private long[] times = new long[FIRST_SIZE];
    private long[] sequences = new long[FIRST_SIZE];
    private double[] prices = new double[FIRST_SIZE];
    private double[] volumes = new double[FIRST_SIZE];
    private int[] versions = new int[FIRST_SIZE];
    private byte[] flags = new byte[FIRST_SIZE];
    private int head;
    private int size;

    private double fallenPrice = Double.NaN;
    private double fallenVolume;
    private byte fallenFlags;

    private int last = -1;
    private long day = Long.MIN_VALUE;
    private boolean openKnown;
    private long openTime;
    private long openSequence;
    private double openPrice;
    private final DecimalSum dayVolume = new DecimalSum();

    /** What became of a trade. */
    enum Outcome {
        /** It counts. */
        TAKEN,
        /** It was there already, in this version or a higher one. */
        DUPLICATE,
        /** It is older than all that the tape still holds. */
        TOO_OLD
    }

    /** @param max how many trades it holds, a power of two of at least 16 */
    TradeTape(int max) {
        this.max = max;
    }

    Outcome add(Trade trade) {
        int place = placeOf(trade.eventTimeNanos(), trade.sequence());
        if (place >= 0 && isAt(place, trade.eventTimeNanos(), trade.sequence())) {
            return replace(place, trade);
        }
        if (size == max) {
            if (place < 0) {
                return Outcome.TOO_OLD;
            }
            dropOldest();
            place--;
        }
        insert(place + 1, trade);
        count(place + 1, trade);
        return Outcome.TAKEN;
    }

    /** Takes over first price and volume of the newest day, of which trades may have left the tape. */
    void goOnWithDay(double open, double volume) {
        dayVolume.reset();
        dayVolume.add(volume);
        if (size > 0 && (!openKnown || openPrice != open)) {
            openKnown = true;
            openPrice = open;
            openTime = times[head] - 1;
            openSequence = sequences[head];
        }
    }

    /** Returns the price of the last eligible trade, or NaN when there is none. */
    double price() {
        return last >= 0 ? prices[slot(last)] : fallenPrice;
    }

    /** Returns its volume. */
    double size() {
        return last >= 0 ? volumes[slot(last)] : fallenVolume;
    }

    /** Returns its side. */
    Side side() {
        int flag = last >= 0 ? flags[slot(last)] : fallenFlags;
        if ((flag & BUY) != 0) {
            return Side.BUY;
        }
        return (flag & SELL) != 0 ? Side.SELL : Side.UNKNOWN;
    }

    /** Returns the first eligible price of the newest day, or NaN when there is none. */
    double open() {
        return openKnown ? openPrice : Double.NaN;
    }

    /** Returns the volume of the newest day. */
    double volume() {
        return dayVolume.value();
    }

    private Outcome replace(int place, Trade trade) {
        int slot = slot(place);
        if (versions[slot] >= trade.version()) {
            return Outcome.DUPLICATE;
        }
        if (isToday(times[slot]) && (flags[slot] & COUNTS_VOLUME) != 0) {
            dayVolume.add(-volumes[slot]);
        }
        fill(slot, trade);
        if (isToday(times[slot])) {
            if ((flags[slot] & COUNTS_VOLUME) != 0) {
                dayVolume.add(volumes[slot]);
            }
            if (!openKnown || !isAfterOpen(times[slot], sequences[slot])) {
                findOpen();
            }
        }
        findLast();
        return Outcome.TAKEN;
    }

    private void count(int place, Trade trade) {
        long tradeDay = Math.floorDiv(trade.eventTimeNanos(), DAY_NANOS);
        if (tradeDay > day) {
            day = tradeDay;
            openKnown = false;
            dayVolume.reset();
        }
        int slot = slot(place);
        boolean setsPrice = (flags[slot] & SETS_PRICE) != 0;
        if (tradeDay == day) {
            if ((flags[slot] & COUNTS_VOLUME) != 0) {
                dayVolume.add(volumes[slot]);
            }
            if (setsPrice && (!openKnown || !isAfterOpen(times[slot], sequences[slot]))) {
                setOpen(slot);
            }
        }
        if (setsPrice && place > last) {
            last = place;
        } else if (place <= last) {
            last++;
        }
    }

    /** The last place whose trade is not after this, or -1. */
    private int placeOf(long time, long sequence) {
        int place = size - 1;
        if (place < 0 || !isAfter(place, time, sequence)) {
            return place;
        }
        int low = 0;
        int high = place;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (isAfter(middle, time, sequence)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low - 1;
    }

    private void insert(int place, Trade trade) {
        if (size == times.length) {
            grow();
        }
        for (int i = size; i > place; i--) {
            int to = slot(i);
            int from = slot(i - 1);
            times[to] = times[from];
            sequences[to] = sequences[from];
            prices[to] = prices[from];
            volumes[to] = volumes[from];
            versions[to] = versions[from];
            flags[to] = flags[from];
        }
        size++;
        fill(slot(place), trade);
    }

    private void fill(int slot, Trade trade) {
        times[slot] = trade.eventTimeNanos();
        sequences[slot] = trade.sequence();
        prices[slot] = trade.price();
        volumes[slot] = trade.volume();
        versions[slot] = trade.version();
        int flag = switch (trade.side()) {
            case BUY -> BUY;
            case SELL -> SELL;
            case UNKNOWN -> 0;
        };
        if (!trade.cancelled()) {
            flag |= (trade.setsPrice() ? SETS_PRICE : 0) | (trade.countsVolume() ? COUNTS_VOLUME : 0);
        }
        flags[slot] = (byte) flag;
    }

    private void dropOldest() {
        if ((flags[head] & SETS_PRICE) != 0) {
            fallenPrice = prices[head];
            fallenVolume = volumes[head];
            fallenFlags = flags[head];
        }
        head = (head + 1) & (times.length - 1);
        size--;
        last = Math.max(-1, last - 1);
    }

    private void grow() {
        int length = times.length;
        // Only a full tape drops its oldest, and a full tape does not grow: the ring has not turned yet.
        times = Arrays.copyOf(times, 2 * length);
        sequences = Arrays.copyOf(sequences, 2 * length);
        prices = Arrays.copyOf(prices, 2 * length);
        volumes = Arrays.copyOf(volumes, 2 * length);
        versions = Arrays.copyOf(versions, 2 * length);
        flags = Arrays.copyOf(flags, 2 * length);
    }

    private void findLast() {
        int place = size - 1;
        while (place >= 0 && (flags[slot(place)] & SETS_PRICE) == 0) {
            place--;
        }
        last = place;
    }

    private void findOpen() {
        // A first trade that has left the tape was before all that are on it, so it still is the first.
        if (openKnown && size > 0 && isAfter(0, openTime, openSequence)) {
            return;
        }
        openKnown = false;
        for (int place = 0; place < size; place++) {
            int slot = slot(place);
            if (isToday(times[slot]) && (flags[slot] & SETS_PRICE) != 0) {
                setOpen(slot);
                return;
            }
        }
    }

    private void setOpen(int slot) {
        openKnown = true;
        openTime = times[slot];
        openSequence = sequences[slot];
        openPrice = prices[slot];
    }

    private boolean isToday(long time) {
        return Math.floorDiv(time, DAY_NANOS) == day;
    }

    private boolean isAfterOpen(long time, long sequence) {
        return time > openTime || (time == openTime && sequence > openSequence);
    }

    private boolean isAfter(int place, long time, long sequence) {
        int slot = slot(place);
        return times[slot] > time || (times[slot] == time && sequences[slot] > sequence);
    }

    private boolean isAt(int place, long time, long sequence) {
        int slot = slot(place);
        return times[slot] == time && sequences[slot] == sequence;
    }

    private int slot(int place) {
        return (head + place) & (times.length - 1);
    }
}
