package io.tsdash.source;

import io.tsdash.error.InvalidInputException;
import io.tsdash.error.PermanentException;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Quote;
import io.tsdash.model.Trade;
import io.tsdash.time.TimeSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Plays recorded tapes as if they happened now, merged by receive time.
 *
 * <p>Each tape keeps its own order, so a row that lies earlier in time than the row before it is played late, as it
 * was recorded. Ends with {@link ConnectionState#ENDED}; a tape that turns out to be damaged ends it with
 * {@link ConnectionState#DOWN} after all that could be read. A slow listener holds it back, and it then catches up.
 */
public final class ReplayFeed implements Feed {
    private final String name;
    private final List<TapeReader> tapes;
    private final ReplayOptions options;
    private final TimeSource time;
    private final FeedThread thread;
    private final long bytesTotal;
    private final AtomicLong bytesRead;
    private final AtomicLong events = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    private ReplayFeed(
            String name,
            List<TapeReader> tapes,
            ReplayOptions options,
            TimeSource time,
            long bytesTotal,
            AtomicLong bytesRead) {
        this.name = name;
        this.tapes = tapes;
        this.options = options;
        this.time = time;
        this.bytesTotal = bytesTotal;
        this.bytesRead = bytesRead;
        this.thread = new FeedThread("replay");
    }

    /**
     * Opens tapes and checks their headers.
     *
     * @param files at least one, each as {@link TapeReader} describes, plain or gzip
     * @param options how fast, and whether at today's time
     * @param time the clocks to play by
     * @throws InvalidInputException if there is no file, or one is not there or is no tape of trades and quotes
     */
    public static ReplayFeed open(List<Path> files, ReplayOptions options, TimeSource time) {
        if (files.isEmpty()) {
            throw new InvalidInputException("a replay needs at least one file");
        }
        List<TapeReader> tapes = new ArrayList<>();
        AtomicLong bytesRead = new AtomicLong();
        long bytesTotal = 0;
        try {
            for (Path file : files) {
                bytesTotal += Files.size(file);
                TapeReader tape =
                        TapeReader.of(new CountingInputStream(Files.newInputStream(file), bytesRead), file.toString());
                tapes.add(tape);
                if (tape.holdsBars()) {
                    throw new InvalidInputException(
                            "tape '" + file + "' holds bars but a replay needs trades or quotes");
                }
            }
        } catch (NoSuchFileException e) {
            closeAll(tapes);
            throw InvalidInputException.of("tape", String.valueOf(e.getMessage()), "must be a file that exists");
        } catch (IOException e) {
            closeAll(tapes);
            throw new PermanentException("tape cannot be read: " + e, e);
        } catch (RuntimeException e) {
            closeAll(tapes);
            throw e;
        }
        String name = files.stream().map(Path::toString).collect(Collectors.joining(",", "replay:", ""));
        return new ReplayFeed(name, tapes, options, time, bytesTotal, bytesRead);
    }

    @Override
    public String name() {
        return name;
    }

    /** Returns how far it is; from any thread. */
    public ReplayProgress progress() {
        return new ReplayProgress(events.get(), refused.get(), bytesRead.get(), bytesTotal);
    }

    @Override
    public void start(FeedListener listener) {
        thread.start(listener, () -> play(listener));
    }

    @Override
    public void close() {
        thread.stop();
        closeAll(tapes);
    }

    private String play(FeedListener listener) throws InterruptedException {
        listener.onState(ConnectionState.LIVE, "playing");
        try {
            PriorityQueue<Cursor> cursors = new PriorityQueue<>(
                    Comparator.comparingLong(Cursor::receiveTimeNanos).thenComparingInt(Cursor::order));
            RuntimeException damage = null;
            for (int i = 0; i < tapes.size(); i++) {
                damage = advance(new Cursor(tapes.get(i), i), cursors, listener, damage);
            }
            if (!cursors.isEmpty()) {
                damage = merge(cursors, listener, damage);
            }
            if (damage != null) {
                throw damage;
            }
            return "end of tape";
        } finally {
            closeAll(tapes);
        }
    }

    private @Nullable RuntimeException merge(
            PriorityQueue<Cursor> cursors, FeedListener listener, @Nullable RuntimeException damageSoFar)
            throws InterruptedException {
        RuntimeException damage = damageSoFar;
        long firstNanos = cursors.element().receiveTimeNanos();
        long shiftNanos = options.restamp() ? time.epochNanos() - firstNanos : 0;
        Pacer pacer = new Pacer(time, options.speed());
        while (!cursors.isEmpty() && !thread.stopping()) {
            Cursor cursor = cursors.remove();
            pacer.await(cursor.receiveTimeNanos() - firstNanos, thread::stopping);
            if (thread.stopping()) {
                break;
            }
            deliver(cursor.event(), shiftNanos, listener);
            damage = advance(cursor, cursors, listener, damage);
        }
        return damage;
    }

    /** Moves a tape to its next event and queues it again; a damaged tape is left, so that the others play to their end. */
    private @Nullable RuntimeException advance(
            Cursor cursor,
            PriorityQueue<Cursor> cursors,
            FeedListener listener,
            @Nullable RuntimeException damageSoFar) {
        try {
            TapeRow row = cursor.tape.next();
            while (row instanceof Refused bad) {
                refused.incrementAndGet();
                listener.onRefused(bad);
                row = cursor.tape.next();
            }
            if (row instanceof TapeRow.OfEvent event) {
                cursor.event = event.event();
                cursors.add(cursor);
            }
            return damageSoFar;
        } catch (InvalidInputException e) {
            return damageSoFar == null ? e : damageSoFar;
        }
    }

    private void deliver(MarketEvent event, long shiftNanos, FeedListener listener) {
        if (event instanceof Trade trade) {
            listener.onTrade(shiftNanos == 0 ? trade : shifted(trade, shiftNanos));
        } else if (event instanceof Quote quote) {
            listener.onQuote(shiftNanos == 0 ? quote : shifted(quote, shiftNanos));
        }
        events.incrementAndGet();
    }

    private static Trade shifted(Trade trade, long nanos) {
        return new Trade(
                trade.symbol(),
                trade.eventTimeNanos() + nanos,
                trade.receiveTimeNanos() + nanos,
                trade.sequence(),
                trade.price(),
                trade.volume(),
                trade.side(),
                trade.setsPrice(),
                trade.countsVolume(),
                trade.version());
    }

    private static Quote shifted(Quote quote, long nanos) {
        return new Quote(
                quote.symbol(),
                quote.eventTimeNanos() + nanos,
                quote.receiveTimeNanos() + nanos,
                quote.sequence(),
                quote.bid(),
                quote.ask(),
                quote.bidSize(),
                quote.askSize());
    }

    private static void closeAll(List<TapeReader> tapes) {
        tapes.forEach(TapeReader::close);
    }

    /** The next event of one tape. */
    private static final class Cursor {
        private final TapeReader tape;
        private final int order;
        private @Nullable MarketEvent event;

        Cursor(TapeReader tape, int order) {
            this.tape = tape;
            this.order = order;
        }

        MarketEvent event() {
            return Objects.requireNonNull(event);
        }

        long receiveTimeNanos() {
            return event().receiveTimeNanos();
        }

        int order() {
            return order;
        }
    }
}
