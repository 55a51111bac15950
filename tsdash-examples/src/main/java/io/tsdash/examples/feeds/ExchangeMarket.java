package io.tsdash.examples.feeds;

import io.tsdash.examples.feeds.Exchange.BookRule;
import io.tsdash.examples.feeds.Exchange.TradeIds;
import io.tsdash.examples.feeds.SymbolState.OpenGap;
import io.tsdash.examples.feeds.TradeChain.Link;
import io.tsdash.examples.feeds.TradeChain.Range;
import io.tsdash.examples.feeds.VenueMessage.Beat;
import io.tsdash.examples.feeds.VenueMessage.BookDelta;
import io.tsdash.examples.feeds.VenueMessage.BookSnapshot;
import io.tsdash.examples.feeds.VenueMessage.NewestTrades;
import io.tsdash.examples.feeds.VenueMessage.Quoted;
import io.tsdash.examples.feeds.VenueMessage.Subscribed;
import io.tsdash.examples.feeds.VenueMessage.Traded;
import io.tsdash.model.Quote;
import io.tsdash.model.Trade;
import io.tsdash.source.Backfill;
import io.tsdash.source.FeedListener;
import io.tsdash.source.Gap;
import io.tsdash.source.Refused;
import io.tsdash.time.TimeSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Makes of what an exchange says what a listener may rely on.
 *
 * <p>Each trade is delivered once. A missing one is a gap, told at once and asked for by REST; what comes of that is told
 * too. A book that may be wrong gives no quotes. A symbol that is silent is noticed. Nothing of the time before the feed
 * began is delivered, so that no bar is made of a few old trades. Belongs to the feed's thread.
 */
final class ExchangeMarket implements Backfiller.Target {
    private static final long RESUBSCRIBE_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long SKEW_PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long SKEW_CHANGE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /**
     * A message as it came.
     *
     * @param number counts all messages from 1
     * @param text what it is
     * @param receiveNanos when it came, nanoseconds since the epoch
     */
    record Frame(long number, String text, long receiveNanos) {}

    private final Exchange exchange;
    private final FeedSettings settings;
    private final TimeSource time;
    private final Supplier<FeedListener> listener;
    private final Backfiller backfiller;
    private final Map<String, SymbolState> symbols = new LinkedHashMap<>();
    private final ClockSkew skew = new ClockSkew();
    private boolean reconnected;
    private boolean silenceChanged;
    private long skewDueNanos;
    private long skewTold = Long.MIN_VALUE;

    ExchangeMarket(
            Exchange exchange,
            FeedSettings settings,
            TimeSource time,
            Supplier<FeedListener> listener,
            RestClient rest,
            Executor feedThread,
            Backoff restBackoff) {
        this.exchange = exchange;
        this.settings = settings;
        this.time = time;
        this.listener = listener;
        this.backfiller = new Backfiller(exchange, settings, rest, time, feedThread, this, restBackoff);
        long now = time.monotonicNanos();
        this.skewDueNanos = now;
        settings.symbols().forEach(symbol -> symbols.put(symbol, new SymbolState(symbol, exchange, now)));
    }

    /** The connection delivers, for the first time or again. */
    void live(boolean again, long awayNanos) {
        reconnected = again;
        for (SymbolState state : symbols.values()) {
            state.heardNanos = time.monotonicNanos();
            state.silent = false;
            if (again) {
                askAfterReconnect(state, awayNanos);
            } else {
                state.lastEventNanos = time.epochNanos();
            }
            askForBook(state);
        }
    }

    /** The connection is lost. */
    void lost() {
        for (SymbolState state : symbols.values()) {
            state.book.reset();
            state.beatTradeId = VenueMessage.NONE;
            state.wantsBook = false;
            state.wantsResubscription = false;
        }
    }

    /** Asks REST for what is due, and tells the clocks' difference. */
    void tick(long nowNanos) {
        backfiller.tick(nowNanos);
        if (nowNanos - skewDueNanos >= 0) {
            skewDueNanos = nowNanos + SKEW_PERIOD_NANOS;
            tellSkew();
        }
    }

    /** Looks for symbols that are silent; returns whether they are others than when this was asked before. */
    boolean watch(long nowNanos) {
        for (SymbolState state : symbols.values()) {
            if (nowNanos - state.heardNanos > settings.symbolTimeout().toNanos()) {
                // A quiet market, or a subscription that the exchange has lost: REST and a new one tell.
                state.heardNanos = nowNanos;
                silenceChanged |= !state.silent;
                state.silent = true;
                state.wantsResubscription = true;
                if (exchange.tradeIds() == TradeIds.CONSECUTIVE) {
                    backfiller.askForNewest(state);
                }
            }
        }
        boolean changed = silenceChanged;
        silenceChanged = false;
        return changed;
    }

    /** Returns the symbols that are silent. */
    List<String> silent() {
        return symbols.values().stream()
                .filter(state -> state.silent)
                .map(state -> state.symbol)
                .toList();
    }

    /** Returns the messages that subscribe anew to what needs it. */
    List<String> resubscriptions(long nowNanos) {
        List<String> commands = new ArrayList<>();
        for (SymbolState state : symbols.values()) {
            if (state.wantsResubscription && nowNanos - state.resubscribeFromNanos >= 0) {
                state.wantsResubscription = false;
                state.resubscribeFromNanos = nowNanos + RESUBSCRIBE_PAUSE_NANOS;
                commands.addAll(exchange.resubscribe(state.symbol));
            }
        }
        return commands;
    }

    /** Leaves a message out, and says so. */
    void refuse(Frame frame, String reason) {
        listener.get().onRefused(new Refused(frame.number(), frame.text(), reason));
        if (exchange.bookRule() != BookRule.NONE) {
            return; // the book itself tells whether a change of it was in there
        }
        for (SymbolState state : symbols.values()) {
            if (state.book.valid()) {
                bookBroken(state, VenueMessage.NONE, VenueMessage.NONE, "a message could not be read");
            }
        }
    }

    /** Takes what a message says about symbols. */
    void take(VenueMessage message, Frame frame) {
        long receiveNanos = frame.receiveNanos();
        if (message instanceof Traded trade) {
            hear(trade.symbol(), frame).ifPresent(state -> take(state, trade, receiveNanos));
        } else if (message instanceof NewestTrades newest) {
            hear(newest.symbol(), frame).ifPresent(state -> take(state, newest));
        } else if (message instanceof Quoted quote) {
            hear(quote.symbol(), frame).ifPresent(state -> take(quote, receiveNanos));
        } else if (message instanceof BookSnapshot book) {
            hear(book.symbol(), frame).ifPresent(state -> take(state, book, receiveNanos));
        } else if (message instanceof BookDelta delta) {
            hear(delta.symbol(), frame).ifPresent(state -> take(state, delta, receiveNanos));
        } else if (message instanceof Beat beat) {
            hear(beat.symbol(), frame).ifPresent(state -> take(state, beat));
        } else if (!(message instanceof Subscribed)) {
            throw new IllegalStateException("nothing takes " + message);
        }
    }

    private Optional<SymbolState> hear(String symbol, Frame frame) {
        SymbolState state = symbols.get(symbol);
        if (state == null) {
            refuse(frame, "symbol was '" + symbol + "' but it must be one that was asked for");
            return Optional.empty();
        }
        state.heardNanos = time.monotonicNanos();
        silenceChanged |= state.silent;
        state.silent = false;
        return Optional.of(state);
    }

    private void take(SymbolState state, Traded trade, long receiveNanos) {
        skew.add(receiveNanos, trade.eventNanos(), time.monotonicNanos());
        long before = state.trades.last();
        Link link = state.trades.add(trade.id());
        if (link == Link.KNOWN) {
            return;
        }
        if (link == Link.AFTER_GAP) {
            missing(state, new Range(before + 1, trade.id() - 1), "trade ids are missing");
        }
        deliver(state, trade, receiveNanos);
        if (link == Link.FILLS) {
            backfiller.filled(state, trade.id());
        }
    }

    private void take(SymbolState state, NewestTrades newest) {
        List<Traded> trades = new ArrayList<>(newest.trades());
        trades.sort(Comparator.comparingLong(Traded::id));
        if (trades.isEmpty()) {
            return;
        }
        long highest = trades.get(trades.size() - 1).id();
        if (state.trades.empty() && !reconnected) {
            state.trades.beginAfter(highest); // before our time
            return;
        }
        takeNewest(state, trades);
    }

    private void take(SymbolState state, Beat beat) {
        if (state.trades.empty() && beat.lastTradeId() > 0) {
            state.trades.beginAfter(beat.lastTradeId());
            return;
        }
        // A heartbeat may overtake the trade that it tells of: only the next one proves that it is missing.
        if (state.beatTradeId > state.trades.last()) {
            state.trades
                    .expect(state.beatTradeId)
                    .ifPresent(range -> missing(state, range, "a heartbeat told of trades that did not come"));
        }
        state.beatTradeId = beat.lastTradeId();
    }

    private void take(Quoted quote, long receiveNanos) {
        if (quote.eventNanos() != VenueMessage.NONE) {
            skew.add(receiveNanos, quote.eventNanos(), time.monotonicNanos());
        }
        listener.get()
                .onQuote(new Quote(
                        quote.symbol(),
                        quote.eventNanos() == VenueMessage.NONE ? receiveNanos : quote.eventNanos(),
                        receiveNanos,
                        Math.max(0, quote.sequence()),
                        quote.bid(),
                        quote.ask(),
                        quote.bidSize(),
                        quote.askSize()));
    }

    private void take(SymbolState state, BookSnapshot snapshot, long receiveNanos) {
        switch (state.book.snapshot(snapshot)) {
            case TOO_OLD -> askForBook(state);
            case BROKEN -> bookBroken(state, VenueMessage.NONE, VenueMessage.NONE, state.book.problem());
            case APPLIED, WAITS -> quote(state, receiveNanos);
        }
    }

    private void take(SymbolState state, BookDelta delta, long receiveNanos) {
        long before = state.book.lastId();
        switch (state.book.delta(delta)) {
            case APPLIED -> quote(state, receiveNanos);
            case BROKEN -> bookBroken(state, before, delta.firstId(), state.book.problem());
            case WAITS, TOO_OLD -> {
                // Nothing to show before there is a book.
            }
        }
    }

    private void quote(SymbolState state, long receiveNanos) {
        state.book.changedQuote().ifPresent(quote -> {
            long sequence = quote.sequence() == VenueMessage.NONE ? ++state.bookSequence : quote.sequence();
            take(
                    new Quoted(
                            quote.symbol(),
                            quote.eventNanos(),
                            sequence,
                            quote.bid(),
                            quote.ask(),
                            quote.bidSize(),
                            quote.askSize()),
                    receiveNanos);
        });
    }

    private void bookBroken(SymbolState state, long after, long next, String reason) {
        boolean chain = exchange.bookRule() == BookRule.NEXT_FOLLOWS || exchange.bookRule() == BookRule.NAMES_PREVIOUS;
        listener.get()
                .onGap(new Gap(
                        state.symbol + " book",
                        after,
                        next,
                        time.epochNanos(),
                        reason + "; no quotes until there is a new book"));
        if (chain) {
            askForBook(state);
        } else {
            state.book.reset();
            state.wantsResubscription = true;
        }
    }

    private void askForBook(SymbolState state) {
        if (exchange.bookAt(settings.rest(), state.symbol).isPresent()) {
            backfiller.askForBook(state);
        }
    }

    // Trades that are missing.

    private void askAfterReconnect(SymbolState state, long awayNanos) {
        if (exchange.tradeIds() == TradeIds.CONSECUTIVE) {
            backfiller.askForNewest(state);
            return;
        }
        gap(
                state,
                VenueMessage.NONE,
                VenueMessage.NONE,
                "not connected for " + TimeUnit.NANOSECONDS.toMillis(awayNanos)
                        + " ms; trades of that time are asked for by REST",
                new Range(VenueMessage.NONE, VenueMessage.NONE));
    }

    private void missing(SymbolState state, Range range, String reason) {
        gap(state, range.first() - 1, range.last() + 1, reason + "; they are asked for by REST", range);
    }

    private void gap(SymbolState state, long after, long next, String reason, Range ids) {
        Gap gap = new Gap(state.symbol, after, next, time.epochNanos(), reason);
        listener.get().onGap(gap);
        backfiller.ask(state, new OpenGap(gap, ids.first(), ids.last(), state.lastEventNanos));
    }

    @Override
    public int takeLate(SymbolState state, List<Traded> trades) {
        int taken = 0;
        for (Traded trade : trades) {
            Link link = state.trades.add(trade.id());
            if (link == Link.KNOWN) {
                continue;
            }
            taken++;
            deliver(state, trade, time.epochNanos());
            if (link == Link.FILLS) {
                backfiller.filled(state, trade.id());
            }
        }
        return taken;
    }

    @Override
    public boolean takeNewest(SymbolState state, List<Traded> trades) {
        List<Traded> ours = trades.stream()
                .filter(trade -> !state.trades.empty() || trade.eventNanos() > state.lastEventNanos)
                .toList();
        long lowest = ours.stream().mapToLong(Traded::id).min().orElse(VenueMessage.NONE);
        long highest = ours.stream().mapToLong(Traded::id).max().orElse(VenueMessage.NONE);
        if (highest == VenueMessage.NONE) {
            return false;
        }
        if (state.trades.empty()) {
            state.trades.beginAfter(lowest - 1);
        }
        Optional<Range> range = state.trades.expect(highest);
        range.ifPresent(ids -> missing(state, ids, "trades were missed"));
        takeLate(state, ours);
        return range.isPresent();
    }

    @Override
    public void takeBook(SymbolState state, BookSnapshot book) {
        take(state, book, time.epochNanos());
    }

    @Override
    public void tell(Backfill backfill) {
        listener.get().onBackfill(backfill);
    }

    @Override
    public void newestNotHad(SymbolState state, String reason) {
        listener.get()
                .onGap(new Gap(
                        state.symbol,
                        state.trades.last(),
                        VenueMessage.NONE,
                        time.epochNanos(),
                        "whether trades were missed could not be found out: " + reason));
    }

    private void deliver(SymbolState state, Traded trade, long receiveNanos) {
        state.lastEventNanos = Math.max(state.lastEventNanos, trade.eventNanos());
        listener.get()
                .onTrade(new Trade(
                        trade.symbol(),
                        trade.eventNanos(),
                        receiveNanos,
                        trade.id(),
                        trade.price(),
                        trade.volume(),
                        trade.side(),
                        trade.regular(),
                        trade.regular(),
                        0));
    }

    // The clocks.

    private void tellSkew() {
        OptionalLong now = skew.nanos();
        if (now.isPresent()
                && (skewTold == Long.MIN_VALUE || Math.abs(now.getAsLong() - skewTold) >= SKEW_CHANGE_NANOS)) {
            skewTold = now.getAsLong();
            listener.get().onClockSkew(skewTold);
        }
    }
}
