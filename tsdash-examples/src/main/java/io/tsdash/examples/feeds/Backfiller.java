package io.tsdash.examples.feeds;

import io.tsdash.error.InvalidInputException;
import io.tsdash.examples.feeds.Exchange.Missing;
import io.tsdash.examples.feeds.SymbolState.OpenGap;
import io.tsdash.examples.feeds.TradeChain.Range;
import io.tsdash.examples.feeds.VenueMessage.BookSnapshot;
import io.tsdash.examples.feeds.VenueMessage.Traded;
import io.tsdash.source.Backfill;
import io.tsdash.time.TimeSource;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Asks an exchange's REST for what the WebSocket did not bring, one request at a time and not too fast.
 *
 * <p>Of each symbol: first its book, then the trades of its gaps, then its newest trades. Belongs to the feed's thread.
 */
final class Backfiller {
    /** Takes what was asked for; called from the feed's thread. */
    interface Target {
        /** Takes trades of a gap, in order of their ids; returns how many were new. */
        int takeLate(SymbolState state, List<Traded> trades);

        /** Takes the newest trades, in order of their ids; returns whether any was new. */
        boolean takeNewest(SymbolState state, List<Traded> trades);

        /** Takes a book. */
        void takeBook(SymbolState state, BookSnapshot book);

        /** Tells what came of a gap. */
        void tell(Backfill backfill);

        /** The newest trades could not be had. */
        void newestNotHad(SymbolState state, String reason);
    }

    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final int FAILURES_MAX = 4;
    private static final int PAGES_MAX = 100; // of a thousand trades each; who was away for longer has a store to fill
    private static final int GAPS_MAX = 1_000; // of a symbol

    private final Exchange exchange;
    private final FeedSettings settings;
    private final RestClient rest;
    private final TimeSource time;
    private final Executor feedThread;
    private final Target target;
    private final Backoff backoff;
    private final Set<SymbolState> waiting = new LinkedHashSet<>();
    private boolean asking;
    private long nextNanos;

    Backfiller(
            Exchange exchange,
            FeedSettings settings,
            RestClient rest,
            TimeSource time,
            Executor feedThread,
            Target target,
            Backoff backoff) {
        this.exchange = exchange;
        this.settings = settings;
        this.rest = rest;
        this.time = time;
        this.feedThread = feedThread;
        this.target = target;
        this.backoff = backoff;
        this.nextNanos = time.monotonicNanos();
    }

    /** Takes a gap to ask for. */
    void ask(SymbolState state, OpenGap gap) {
        state.gaps.add(gap);
        if (state.gaps.size() > GAPS_MAX) {
            finish(state, state.gaps.remove(), "there are too many gaps at once");
        }
        waiting.add(state);
    }

    void askForNewest(SymbolState state) {
        state.wantsNewest = true;
        waiting.add(state);
    }

    void askForBook(SymbolState state) {
        state.wantsBook = true;
        waiting.add(state);
    }

    /** Sends the next request if it is time. */
    void tick(long nowNanos) {
        while (!asking && nowNanos - nextNanos >= 0 && !waiting.isEmpty()) {
            SymbolState state = waiting.iterator().next();
            waiting.remove(state);
            ask(state, nowNanos);
        }
    }

    /** Returns the trades of a gap that have come another way; the gap may be whole by now. */
    void filled(SymbolState state, long id) {
        for (OpenGap gap : state.gaps) {
            if (gap.first <= id && id <= gap.last) {
                gap.delivered++;
            }
        }
        state.gaps.removeIf(gap -> {
            boolean whole = !gap.byTime()
                    && state.trades.firstMissing(gap.first, gap.last).isEmpty();
            if (whole) {
                target.tell(new Backfill(gap.gap, gap.delivered, 0, ""));
            }
            return whole;
        });
    }

    private void ask(SymbolState state, long nowNanos) {
        if (state.wantsBook) {
            Optional<URI> address = exchange.bookAt(settings.rest(), state.symbol);
            if (address.isPresent()) {
                send(state, null, address.get(), nowNanos, body -> {
                    state.wantsBook = false;
                    target.takeBook(state, exchange.parseBook(state.symbol, body));
                });
                return;
            }
            state.wantsBook = false;
        }
        OpenGap gap = state.gaps.peek();
        if (gap != null) {
            askForGap(state, gap, nowNanos);
        } else if (state.wantsNewest) {
            Missing missing = new Missing(
                    state.symbol, state.trades.last(), Long.MAX_VALUE, state.lastEventNanos, time.epochNanos());
            exchange.tradesAt(settings.rest(), missing)
                    .ifPresent(address -> send(state, null, address, nowNanos, body -> {
                        boolean more = target.takeNewest(state, sorted(exchange.parseTrades(state.symbol, body)));
                        state.newestPages = more ? state.newestPages + 1 : 0;
                        state.wantsNewest = more && state.newestPages < PAGES_MAX;
                    }));
        }
    }

    private void askForGap(SymbolState state, OpenGap gap, long nowNanos) {
        Missing missing;
        if (gap.byTime()) {
            missing = new Missing(state.symbol, VenueMessage.NONE, Long.MAX_VALUE, gap.fromNanos, time.epochNanos());
        } else {
            Range range = state.trades.firstMissing(gap.first, gap.last).orElseThrow();
            missing = new Missing(state.symbol, range.first() - 1, range.last() + 1, gap.fromNanos, time.epochNanos());
        }
        Optional<URI> address = exchange.tradesAt(settings.rest(), missing);
        if (address.isEmpty()) {
            state.gaps.remove(gap);
            finish(state, gap, "the exchange has no way to ask for them");
            return;
        }
        send(
                state,
                gap,
                address.get(),
                nowNanos,
                body -> takePage(state, gap, exchange.parseTrades(state.symbol, body)));
    }

    private void takePage(SymbolState state, OpenGap gap, List<Traded> page) {
        long before = gap.delivered;
        List<Traded> wanted = wanted(page, state, gap);
        int taken = target.takeLate(state, wanted);
        if (gap.byTime()) {
            gap.delivered += taken;
        }
        gap.pages++;
        for (Traded trade : wanted) {
            gap.fromNanos = Math.max(gap.fromNanos, trade.eventNanos());
        }
        if (!state.gaps.contains(gap)) {
            return; // it is whole, and was told
        }
        String reason;
        if (gap.pages >= PAGES_MAX) {
            reason = "they are more than are asked for at once";
        } else if (gap.delivered > before && (!gap.byTime() || page.size() >= exchange.tradesPage())) {
            return; // another page
        } else {
            reason = gap.byTime()
                    ? exchange.beyondReach(gap.sinceNanos, time.epochNanos())
                    : "the exchange does not have them";
        }
        state.gaps.remove(gap);
        finish(state, gap, reason);
    }

    /** Returns what may be missing: a page may hold the trades of other gaps too. */
    private static List<Traded> wanted(List<Traded> trades, SymbolState state, OpenGap gap) {
        // Where times are whole seconds, what happened later in the second seems to be before it.
        long fromNanos = gap.fromNanos - gap.fromNanos % NANOS_PER_SECOND;
        return trades.stream()
                .filter(trade -> gap.byTime() ? trade.eventNanos() >= fromNanos : trade.id() <= state.trades.last())
                .toList();
    }

    private static List<Traded> sorted(List<Traded> trades) {
        List<Traded> sorted = new ArrayList<>(trades);
        sorted.sort(Comparator.comparingLong(Traded::eventNanos).thenComparingLong(Traded::id));
        return sorted;
    }

    /** What is done with the body of an answer. */
    private interface Use {
        void of(String body);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // every answer, failures too, goes to the feed's thread
    private void send(SymbolState state, @Nullable OpenGap gap, URI address, long nowNanos, Use use) {
        asking = true;
        nextNanos = nowNanos + settings.restPause().toNanos();
        rest.get(address).thenAcceptAsync(answer -> answered(state, gap, answer, use), feedThread);
    }

    private void answered(SymbolState state, @Nullable OpenGap gap, RestClient.Answer answer, Use use) {
        asking = false;
        String problem = answer.problem();
        if (problem.isEmpty()) {
            try {
                use.of(answer.body());
                state.requestsFailed = 0;
                backoff.reset();
            } catch (InvalidInputException e) {
                problem = "the answer was not as documented: " + e.getMessage();
            }
        }
        if (!problem.isEmpty()) {
            state.requestsFailed++;
            nextNanos += Math.max(answer.waitNanos(), backoff.nextNanos());
            if (!answer.passing() || state.requestsFailed >= FAILURES_MAX) {
                giveUp(state, gap, problem);
            }
        }
        if (state.wantsBook || state.wantsNewest || !state.gaps.isEmpty()) {
            waiting.add(state);
        }
    }

    /** A book is asked for until it comes: without it there are no quotes. */
    private void giveUp(SymbolState state, @Nullable OpenGap gap, String problem) {
        if (gap != null) {
            if (state.gaps.remove(gap)) {
                finish(state, gap, problem);
            }
            state.requestsFailed = 0;
        } else if (!state.wantsBook) {
            state.wantsNewest = false;
            state.requestsFailed = 0;
            target.newestNotHad(state, problem);
        }
    }

    private void finish(SymbolState state, OpenGap gap, String reason) {
        long missing = 0;
        if (gap.byTime()) {
            missing = reason.isEmpty() ? 0 : VenueMessage.NONE;
        } else {
            Optional<Range> range = state.trades.firstMissing(gap.first, gap.last);
            while (range.isPresent()) {
                missing += range.get().last() - range.get().first() + 1;
                range = state.trades.firstMissing(range.get().last() + 1, gap.last);
            }
        }
        target.tell(new Backfill(gap.gap, gap.delivered, missing, missing == 0 ? "" : reason));
    }
}
