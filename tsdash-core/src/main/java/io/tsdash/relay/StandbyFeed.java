package io.tsdash.relay;

import io.tsdash.model.Quote;
import io.tsdash.model.Trade;
import io.tsdash.source.Backfill;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.Feed;
import io.tsdash.source.FeedListener;
import io.tsdash.source.Gap;
import io.tsdash.source.Refused;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A feed that is connected at all times, of which a server takes events only while it leads. At all times the newest trades and
 * the newest quote of each symbol are kept, so that nothing falls between two leaders, of which both may be this one.
 *
 * <p>What is kept is bounded by time and number. {@link #attach} gives a feed for one time of leading, which delivers what is
 * kept first. Thread-safe.
 */
public final class StandbyFeed implements AutoCloseable {
    /** A leader may have been this far behind its feed with what it wrote. */
    private static final long MARGIN_NANOS = Duration.ofSeconds(5).toNanos();

    private static final int SYMBOLS_MAX = 20_000;
    private static final long SECOND_NANOS = Duration.ofSeconds(1).toNanos();
    private static final int DROPPED_SECONDS_MAX = 3_600;

    private final Feed feed;
    private final long keepNanos;
    private final int tradesMax;
    private final TimeSource time;
    private final RelayListener listener;
    /** Held while the listener is called, so that a term that has ended is not called again. */
    private final ReentrantLock turn = new ReentrantLock();

    private final ArrayDeque<Kept> trades = new ArrayDeque<>();
    private final Map<String, Quote> quotes = new LinkedHashMap<>();
    private long quotesNotKept;
    private volatile ConnectionState state = ConnectionState.CONNECTING;
    private String reason = "not started";
    private final ArrayDeque<Dropped> dropped = new ArrayDeque<>(); // by the second in which they came
    private @Nullable FeedListener taker;

    /**
     * @param feed not started
     * @param keep how long a trade is kept
     * @param tradesMax how many are kept at most
     * @param time the clocks
     * @param listener hears when something was not kept that may be missing
     */
    public StandbyFeed(Feed feed, Duration keep, int tradesMax, TimeSource time, RelayListener listener) {
        this.feed = feed;
        this.keepNanos = keep.toNanos();
        this.tradesMax = tradesMax;
        this.time = time;
        this.listener = listener;
    }

    /** Connects the feed. */
    public void start() {
        feed.start(new Listener());
    }

    /** Returns how the feed is. */
    public ConnectionState state() {
        return state;
    }

    /**
     * Returns a feed that delivers what came since then, less what nobody kept, and what comes. One at a time.
     *
     * @param sinceNanos by the monotonic clock, since when nobody may have taken what came
     */
    public Feed attach(long sinceNanos) {
        return new Term(sinceNanos - MARGIN_NANOS);
    }

    /** Ends the feed. */
    @Override
    public void close() {
        feed.close();
    }

    private void keep(Kept event) {
        trades.addLast(event);
        boolean full = trades.size() > tradesMax;
        while (full || event.nanos - trades.getFirst().nanos > keepNanos) {
            drop(trades.removeFirst().nanos);
            full = false;
        }
    }

    private void drop(long nanos) {
        Dropped newest = dropped.peekLast();
        if (newest == null || nanos - newest.firstNanos >= SECOND_NANOS) {
            newest = new Dropped(nanos);
            dropped.addLast(newest);
            if (dropped.size() > DROPPED_SECONDS_MAX) {
                dropped.removeFirst();
            }
        }
        newest.lastNanos = nanos;
        newest.events++;
    }

    /** Delivers what is kept to who takes over; the feed waits meanwhile. */
    private void play(long sinceNanos, FeedListener listening) {
        listening.onState(state, reason);
        long missed = dropped.stream()
                .filter(second -> second.lastNanos - sinceNanos >= 0)
                .mapToLong(second -> second.events)
                .sum();
        if (missed > 0) {
            String why = "nobody led for longer than a standby feed keeps events";
            listener.onMissed(missed, why);
            listening.onGap(new Gap(feed.name(), -1, -1, time.epochNanos(), why));
        }
        if (quotesNotKept > 0) {
            listener.onMissed(quotesNotKept, "a standby feed keeps quotes of " + SYMBOLS_MAX + " symbols");
            quotesNotKept = 0;
        }
        Set<Gap> gaps = new HashSet<>();
        for (Kept each : trades) {
            if (each.nanos - sinceNanos >= 0) {
                if (each.event instanceof Trade trade) {
                    listening.onTrade(trade);
                } else if (each.event instanceof Gap gap) {
                    gaps.add(gap);
                    listening.onGap(gap);
                } else if (each.event instanceof Backfill backfill && gaps.contains(backfill.gap())) {
                    listening.onBackfill(backfill);
                }
            }
        }
        quotes.values().forEach(listening::onQuote);
    }

    /** A trade, a gap or what came of one, and when it came by the monotonic clock. */
    private record Kept(long nanos, Object event) {}

    /** How many were dropped that came within a second, and when the first and the last of them came. */
    private static final class Dropped {
        private final long firstNanos;
        private long lastNanos;
        private long events;

        Dropped(long firstNanos) {
            this.firstNanos = firstNanos;
        }
    }

    /** The feed for one time of leading. */
    private final class Term implements Feed {
        private final long sinceNanos;
        private @Nullable FeedListener mine;

        Term(long sinceNanos) {
            this.sinceNanos = sinceNanos;
        }

        @Override
        public String name() {
            return feed.name();
        }

        /** Returns once what is kept is delivered. */
        @Override
        public void start(FeedListener listening) {
            turn.lock();
            try {
                if (taker != null) {
                    throw new IllegalStateException("feed '" + feed.name() + "' is taken already");
                }
                play(sinceNanos, listening);
                mine = listening;
                taker = listening;
            } finally {
                turn.unlock();
            }
        }

        @Override
        public void close() {
            turn.lock();
            try {
                if (mine != null && taker == mine) {
                    taker = null;
                }
            } finally {
                turn.unlock();
            }
        }
    }

    /** Takes what the feed delivers. */
    private final class Listener implements FeedListener {
        @Override
        public void onTrade(Trade trade) {
            deliver(taking -> taking.onTrade(trade), () -> keep(new Kept(time.monotonicNanos(), trade)));
        }

        @Override
        public void onQuote(Quote quote) {
            deliver(taking -> taking.onQuote(quote), () -> {
                if (quotes.size() < SYMBOLS_MAX || quotes.containsKey(quote.symbol())) {
                    quotes.put(quote.symbol(), quote);
                } else if (taker == null) {
                    quotesNotKept++;
                }
            });
        }

        @Override
        public void onGap(Gap gap) {
            deliver(taking -> taking.onGap(gap), () -> keep(new Kept(time.monotonicNanos(), gap)));
        }

        @Override
        public void onBackfill(Backfill backfill) {
            deliver(taking -> taking.onBackfill(backfill), () -> keep(new Kept(time.monotonicNanos(), backfill)));
        }

        @Override
        public void onClockSkew(long nanos) {
            deliver(taking -> taking.onClockSkew(nanos), () -> {});
        }

        @Override
        public void onState(ConnectionState newState, String newReason) {
            deliver(taking -> taking.onState(newState, newReason), () -> {
                state = newState;
                reason = newReason;
            });
        }

        @Override
        public void onRefused(Refused refused) {
            deliver(taking -> taking.onRefused(refused), () -> {});
        }

        private void deliver(Consumer<FeedListener> call, Runnable keep) {
            turn.lock();
            try {
                keep.run();
                FeedListener taking = taker;
                if (taking != null) {
                    call.accept(taking);
                }
            } finally {
                turn.unlock();
            }
        }
    }
}
