package io.tsdash.influx;

import io.tsdash.influx.InfluxConnection.TagCondition;
import io.tsdash.influx.InfluxDialect.Policy;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * The minutes whose pre-computed bars do not hold all trades yet: in memory, and as marks in the store.
 *
 * <p>In memory it is minutes; a mark stands for a day of a symbol, so that marks cost next to nothing. It is written in one
 * request with the first trade that touches its day, and in the same shard, so a process that is killed leaves none unmarked. Marks are written under the name of a round; a refresh begins the next round, makes the
 * bars, and then drops the marks of rounds before. What others have left behind is taken over at the start, and dropped once
 * it is so old that no living writer can rely on it.
 *
 * <p>Where continuous queries write the same bars, one that was running during a refresh may put back what it read before.
 * So there each minute is made a second time, once such a query has ended, and its marks stay until then. Thread-safe.
 */
final class DirtyBuckets {
    static final String MEASUREMENT = "tsdash_dirty";
    static final long MINUTE_NANOS = 60_000_000_000L;
    static final long DAY_NANOS = 1_440 * MINUTE_NANOS;

    // A writer marks again what it marked longer ago than this, and others' marks are dropped after twice as long.
    private static final Duration ROUND_MAX = Duration.ofMinutes(5);
    // Longer than a continuous query runs.
    private static final Duration SETTLING = Duration.ofMinutes(1);

    private final InfluxConnection connection;
    private final TimeSource time;
    private final boolean makesTwice;
    private final Deque<Made> settling = new ArrayDeque<>();
    private final String writer = UUID.randomUUID().toString();
    private final ReentrantReadWriteLock rounds = new ReentrantReadWriteLock();
    private final Set<Day> marked = ConcurrentHashMap.newKeySet();
    private final ConcurrentMap<Day, BitSet> touched = new ConcurrentHashMap<>();
    private final Set<String> ended = ConcurrentHashMap.newKeySet();
    private final Map<String, Long> foreign = new ConcurrentHashMap<>();
    private final AtomicBoolean uncertain = new AtomicBoolean();
    private int round;
    private long roundStartNanos;

    DirtyBuckets(InfluxConnection connection, TimeSource time, boolean makesTwice) {
        this.connection = connection;
        this.makesTwice = makesTwice;
        this.time = time;
        this.roundStartNanos = time.monotonicNanos();
    }

    /** A minute of a symbol. */
    record Bucket(String symbol, long openNanos) {
        static Bucket of(String symbol, long eventTimeNanos) {
            return new Bucket(symbol, eventTimeNanos - eventTimeNanos % MINUTE_NANOS);
        }
    }

    /** A day of a symbol, in UTC. */
    record Day(String symbol, long openNanos) {
        static Day of(String symbol, long timeNanos) {
            return new Day(symbol, timeNanos - timeNanos % DAY_NANOS);
        }
    }

    /**
     * What a refresh has to make, and the rounds that are done with then.
     *
     * @param minutes of each day those that were touched
     * @param rounds those whose marks say the same
     * @param last what is made a second time
     */
    record Work(Map<Day, BitSet> minutes, Set<String> rounds, Work.@Nullable Last last) {
        /** What was made before, and its rounds. */
        record Last(Map<Day, BitSet> minutes, Set<String> rounds) {}

        /** Returns all minutes that are to be made. */
        Map<Day, BitSet> all() {
            Map<Day, BitSet> all = new HashMap<>();
            addTo(all, minutes);
            if (last != null) {
                addTo(all, last.minutes());
            }
            return all;
        }
    }

    private record Made(long atNanos, Map<Day, BitSet> minutes, Set<String> rounds) {}

    private static void addTo(Map<Day, BitSet> all, Map<Day, BitSet> more) {
        more.forEach((day, minutes) -> all.merge(day, minutes, (one, other) -> {
            BitSet both = (BitSet) one.clone();
            both.or(other);
            return both;
        }));
    }

    /** Takes over the marks that other processes have left. */
    void adopt() {
        List<Series> found = connection
                .query(List.of("SELECT \"at\" FROM " + connection.dialect().from(Policy.TRADES, MEASUREMENT)
                        + " GROUP BY \"symbol\", \"round\""))
                .get(0);
        for (Series series : found) {
            String symbol = SymbolTag.decode(series.tags().getOrDefault("symbol", ""));
            long newest = 0;
            for (@Nullable Object[] row : series.rows()) {
                BitSet day = new BitSet();
                day.set(0, (int) (DAY_NANOS / MINUTE_NANOS));
                touched.put(Day.of(symbol, Series.whole(row, 0)), day);
                newest = Math.max(newest, Series.whole(row, 1));
            }
            foreign.merge(series.tags().getOrDefault("round", ""), newest, Math::max);
        }
    }

    /** A write that is under way; the round does not end before it does. */
    final class Marking implements AutoCloseable {
        private final Set<Day> written = new HashSet<>();
        private boolean acknowledged;

        /** Puts the marks that are missing in front of the trades. */
        private Marking(Collection<Bucket> buckets, LineBuffer lines) {
            for (Bucket bucket : buckets) {
                Day day = Day.of(bucket.symbol(), bucket.openNanos());
                int minute = (int) ((bucket.openNanos() - day.openNanos()) / MINUTE_NANOS);
                touched.compute(day, (key, minutes) -> with(minute, minutes));
                if (!marked.contains(day) && written.add(day)) {
                    lines.begin(MEASUREMENT)
                            .tag("round", LineBuffer.escaped(name(round)))
                            .tag("symbol", LineBuffer.escaped(SymbolTag.encode(bucket.symbol())))
                            .field("at", time.epochNanos())
                            .end(bucket.openNanos());
                }
            }
        }

        private static BitSet with(int minute, @Nullable BitSet minutes) {
            if (minutes != null && minutes.get(minute)) {
                return minutes;
            }
            BitSet more = minutes == null ? new BitSet() : minutes;
            more.set(minute);
            return more;
        }

        /** Says that marks and trades are in the store. */
        void acknowledged() {
            acknowledged = true;
        }

        @Override
        public void close() {
            if (acknowledged) {
                marked.addAll(written);
            } else {
                uncertain.set(true);
            }
            rounds.readLock().unlock();
        }
    }

    /** Begins a write: marks what it touches, as lines that go before its trades. */
    Marking mark(Collection<Bucket> buckets, LineBuffer lines) {
        endOldRound();
        rounds.readLock().lock();
        try {
            Marking marking = new Marking(buckets, lines);
            lines.cut();
            return marking;
        } catch (RuntimeException e) {
            rounds.readLock().unlock();
            throw e;
        }
    }

    /** Returns how many days of symbols wait for a refresh. */
    int size() {
        return touched.size();
    }

    /** Ends the round, once all its writes have ended; what they touched is to be refreshed. One refresh at a time. */
    Work begin() {
        rounds.writeLock().lock();
        try {
            nextRound();
            Map<Day, BitSet> minutes = new HashMap<>(touched);
            touched.clear();
            Set<String> names = new HashSet<>(ended);
            ended.removeAll(names);
            return new Work(minutes, names, settled());
        } finally {
            rounds.writeLock().unlock();
        }
    }

    private Work.@Nullable Last settled() {
        Map<Day, BitSet> minutes = new HashMap<>();
        Set<String> names = new HashSet<>();
        while (!settling.isEmpty()
                && time.monotonicNanos() - settling.getFirst().atNanos() >= SETTLING.toNanos()) {
            Made made = settling.removeFirst();
            addTo(minutes, made.minutes());
            names.addAll(made.rounds());
        }
        return minutes.isEmpty() && names.isEmpty() ? null : new Work.Last(minutes, names);
    }

    /** Takes work back that could not be done. */
    void failed(Work work) {
        rounds.writeLock().lock();
        try {
            addTo(touched, work.all());
        } finally {
            rounds.writeLock().unlock();
        }
        ended.addAll(work.rounds());
        if (work.last() != null) {
            ended.addAll(work.last().rounds());
        }
    }

    /** Forgets the marks of work that is done. */
    void done(Work work) {
        Set<String> names = new HashSet<>();
        if (makesTwice && !(work.minutes().isEmpty() && work.rounds().isEmpty())) {
            settling.addLast(new Made(time.monotonicNanos(), work.minutes(), work.rounds()));
        } else {
            names.addAll(work.rounds());
        }
        if (work.last() != null) {
            names.addAll(work.last().rounds());
        }
        long dead = time.epochNanos() - 2 * ROUND_MAX.toNanos();
        foreign.forEach((name, newest) -> {
            if (newest < dead) {
                names.add(name);
            }
        });
        ended.addAll(names); // until they are dropped, in case that fails
        for (String name : names) {
            connection.delete(
                    MEASUREMENT, List.of(new TagCondition("round", name)), 0, InfluxConnection.TIME_NANOS_MAX);
            ended.remove(name);
            foreign.remove(name);
        }
    }

    private void endOldRound() {
        if (time.monotonicNanos() - roundStart() > ROUND_MAX.toNanos()) {
            rounds.writeLock().lock();
            try {
                if (time.monotonicNanos() - roundStartNanos > ROUND_MAX.toNanos()) {
                    nextRound();
                }
            } finally {
                rounds.writeLock().unlock();
            }
        }
    }

    private long roundStart() {
        rounds.readLock().lock();
        try {
            return roundStartNanos;
        } finally {
            rounds.readLock().unlock();
        }
    }

    private void nextRound() {
        if (!marked.isEmpty() || uncertain.getAndSet(false)) {
            ended.add(name(round));
            round++;
        }
        marked.clear();
        roundStartNanos = time.monotonicNanos();
    }

    private String name(int number) {
        return writer + "-" + number;
    }
}
