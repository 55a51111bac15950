package io.tsdash.examples.feeds;

import io.tsdash.error.InvalidInputException;
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
import io.tsdash.examples.feeds.VenueMessage.Reconnect;
import io.tsdash.examples.feeds.VenueMessage.Rejected;
import io.tsdash.examples.feeds.VenueMessage.Subscribed;
import io.tsdash.examples.feeds.VenueMessage.Traded;
import io.tsdash.model.Quote;
import io.tsdash.model.Trade;
import io.tsdash.source.Backfill;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.Feed;
import io.tsdash.source.FeedListener;
import io.tsdash.source.Gap;
import io.tsdash.source.Refused;
import io.tsdash.time.TimeSource;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A public exchange over its WebSocket, with what is missing from its REST.
 *
 * <p>One thread does everything and makes all calls to the listener; what comes from the network waits for it, bounded by
 * {@link Connection}. Each trade is delivered once. A missing one is a gap, told at once and asked for by REST; what comes of
 * that is told too. A connection that is lost or silent is made again, with pauses that double and are spread, and the
 * trades in between are asked for. Nothing is read from the market before the feed began, so that no bar is made of a few
 * old trades.
 */
final class ExchangeFeed implements Feed, Connection.Owner, Backfiller.Target {
    private static final Logger LOG = LoggerFactory.getLogger(ExchangeFeed.class);
    private static final long TICK_MILLIS = 20;
    private static final long JOIN_MILLIS = 1_000;
    private static final int PINGS_PER_IDLE_TIMEOUT = 3;
    private static final Duration RETRY_FIRST = Duration.ofMillis(500);
    private static final long RESUBSCRIBE_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long SKEW_PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long SKEW_CHANGE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** Where the connection is. */
    private enum Phase {
        WAITING,
        OPENING,
        OPEN,
        LIVE
    }

    private final String name;
    private final Exchange exchange;
    private final FeedSettings settings;
    private final TimeSource time;
    private final HttpClient http;
    private final Backoff backoff;
    private final Backfiller backfiller;
    private final ScheduledThreadPoolExecutor thread;
    private final Object lock = new Object(); // of started and closing
    private boolean started;
    private volatile boolean closing;
    private volatile boolean failed;

    // All below belongs to the thread.
    private final Map<String, SymbolState> symbols = new LinkedHashMap<>();
    private final ClockSkew skew = new ClockSkew();
    private @Nullable FeedListener listener;
    private @Nullable Connection connection;
    private Phase phase = Phase.WAITING;
    private long dueNanos; // when to connect (WAITING), or to give up (OPENING, OPEN); monotonic
    private long heardNanos;
    private long pingNanos;
    private long liveNanos;
    private long lostNanos;
    private boolean wasLive;
    private boolean reconnected;
    private long messages;
    private String rejection = "";
    private long skewDueNanos;
    private long skewTold = Long.MIN_VALUE;

    ExchangeFeed(String name, Exchange exchange, FeedSettings settings, TimeSource time) {
        this.name = name;
        this.exchange = exchange;
        this.settings = settings;
        this.time = time;
        SplittableRandom random = new SplittableRandom();
        http = HttpClient.newBuilder().connectTimeout(settings.connectTimeout()).build();
        backoff = new Backoff(RETRY_FIRST, settings.retryMax(), random.split());
        thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread made = new Thread(task, "tsdash-feed-" + name);
            made.setDaemon(true);
            return made;
        });
        long now = time.monotonicNanos();
        backfiller = new Backfiller(
                exchange,
                settings,
                new RestClient(http, settings.restTimeout()),
                time,
                this::run,
                this,
                new Backoff(settings.restPause(), settings.retryMax(), random.split()));
        settings.symbols().forEach(symbol -> symbols.put(symbol, new SymbolState(symbol, exchange, now)));
    }

    @Override
    public String name() {
        return name + ":" + String.join(",", settings.symbols());
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // a turn catches what goes wrong in it
    public void start(FeedListener to) {
        synchronized (lock) {
            if (started || closing) {
                throw new IllegalStateException("feed '" + name() + "' was started or closed before; open a new one");
            }
            started = true;
            listener = to; // handed over to the thread with its first task
            dueNanos = time.monotonicNanos();
        }
        thread.scheduleWithFixedDelay(() -> guarded(this::tick), 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        synchronized (lock) {
            if (closing) {
                return;
            }
            closing = true;
            if (!started) {
                thread.shutdown();
                return;
            }
        }
        try {
            thread.execute(this::end);
        } catch (RejectedExecutionException e) {
            LOG.debug("feed '{}' has stopped before", name);
        }
        thread.shutdown();
        try {
            if (!thread.awaitTermination(JOIN_MILLIS, TimeUnit.MILLISECONDS)) {
                thread.shutdownNow();
                if (!thread.awaitTermination(JOIN_MILLIS, TimeUnit.MILLISECONDS)) {
                    LOG.warn("feed '{}' did not stop: its listener still blocks", name);
                }
            }
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    // From the network's threads.

    @Override
    public void onOpen(Connection from) {
        run(() -> {
            if (from == connection) {
                subscribe(from);
            }
        });
    }

    @Override
    public void onText(Connection from, String text) {
        long receiveNanos = time.epochNanos();
        run(() -> {
            if (from == connection) {
                take(text, receiveNanos);
                from.handled();
            }
        });
    }

    @Override
    public void onLeftOut(Connection from, String beginning, String reason) {
        run(() -> {
            if (from == connection) {
                messages++;
                refuse(beginning, reason);
                from.handled();
            }
        });
    }

    @Override
    public void onAlive(Connection from) {
        run(() -> {
            if (from == connection) {
                heardNanos = time.monotonicNanos();
                from.handled();
            }
        });
    }

    @Override
    public void onEnd(Connection from, String reason) {
        run(() -> {
            if (from == connection) {
                lose(reason);
            }
        });
    }

    /** Runs on the feed's thread, unless it has ended. */
    private void run(Runnable task) {
        try {
            thread.execute(() -> guarded(task));
        } catch (RejectedExecutionException e) {
            LOG.trace("feed '{}' has ended: nobody waits for this", name);
        }
    }

    /** A failure here is the listener's, or a fault of ours: it stops the feed, and is told. */
    private void guarded(Runnable task) {
        if (closing || failed) {
            return;
        }
        try {
            task.run();
        } catch (RuntimeException e) {
            failed = true;
            LOG.error("feed '{}' stopped", name, e);
            leave();
            thread.shutdown();
            try {
                listener().onState(ConnectionState.DOWN, String.valueOf(e.getMessage()));
            } catch (RuntimeException again) {
                LOG.error("feed '{}': its listener refused the news that it is DOWN", name, again);
            }
        }
    }

    private void end() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            open.close();
        }
        if (!failed) {
            try {
                listener().onState(ConnectionState.ENDED, "closed");
            } catch (RuntimeException e) {
                LOG.error("feed '{}': its listener refused the news that it is ENDED", name, e);
            }
        }
    }

    // The connection.

    private void tick() {
        long now = time.monotonicNanos();
        switch (phase) {
            case WAITING -> {
                if (now - dueNanos >= 0) {
                    connect(now);
                }
            }
            case OPENING, OPEN -> {
                if (now - dueNanos >= 0) {
                    lose(
                            rejection.isEmpty()
                                    ? "nothing came within "
                                            + settings.connectTimeout().toMillis() + " ms"
                                    : "the exchange refused: " + rejection);
                }
            }
            case LIVE -> watch(now);
        }
        if (phase == Phase.LIVE) {
            resubscribe(now);
        }
        backfiller.tick(now);
        if (now - skewDueNanos >= 0) {
            skewDueNanos = now + SKEW_PERIOD_NANOS;
            tellSkew();
        }
    }

    private void connect(long now) {
        phase = Phase.OPENING;
        dueNanos = now + settings.connectTimeout().toNanos();
        rejection = "";
        listener().onState(ConnectionState.CONNECTING, "to " + settings.socket());
        connection = Connection.open(http, settings.socket(), settings.connectTimeout(), this);
    }

    private void subscribe(Connection open) {
        phase = Phase.OPEN;
        heardNanos = time.monotonicNanos();
        pingNanos = heardNanos;
        dueNanos = heardNanos + settings.connectTimeout().toNanos();
        exchange.subscribe(settings.symbols()).forEach(open::send);
    }

    private void live() {
        long now = time.monotonicNanos();
        reconnected = wasLive;
        phase = Phase.LIVE;
        wasLive = true;
        liveNanos = now;
        for (SymbolState state : symbols.values()) {
            state.heardNanos = now;
            state.silent = false;
            if (reconnected) {
                askAfterReconnect(state, now - lostNanos);
            } else {
                state.lastEventNanos = exchangeNow();
            }
            askForBook(state);
        }
        listener().onState(ConnectionState.LIVE, liveReason());
    }

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

    private void lose(String reason) {
        long now = time.monotonicNanos();
        leave();
        if (phase == Phase.LIVE) {
            lostNanos = now;
            if (now - liveNanos > settings.retryMax().toNanos()) {
                backoff.reset();
            }
        }
        phase = Phase.WAITING;
        for (SymbolState state : symbols.values()) {
            state.book.reset();
            state.beatTradeId = VenueMessage.NONE;
            state.wantsBook = false;
            state.wantsResubscription = false;
        }
        long pause = backoff.nextNanos();
        dueNanos = now + pause;
        listener()
                .onState(
                        ConnectionState.DOWN,
                        reason + "; the next try is in " + TimeUnit.NANOSECONDS.toMillis(pause) + " ms");
    }

    private void leave() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            open.abort();
        }
    }

    private void watch(long now) {
        long idle = settings.idleTimeout().toNanos();
        if (now - heardNanos > idle) {
            lose("nothing came for " + TimeUnit.NANOSECONDS.toMillis(now - heardNanos) + " ms");
            return;
        }
        Connection open = connection;
        if (open != null && now - pingNanos > idle / PINGS_PER_IDLE_TIMEOUT) {
            pingNanos = now;
            exchange.ping().ifPresent(open::send);
            if (!exchange.beats()) {
                open.ping();
            }
        }
        boolean changed = false;
        for (SymbolState state : symbols.values()) {
            if (now - state.heardNanos > settings.symbolTimeout().toNanos()) {
                // A quiet market, or a subscription that the exchange has lost: REST and a new one tell.
                state.heardNanos = now;
                changed |= !state.silent;
                state.silent = true;
                state.wantsResubscription = true;
                if (exchange.tradeIds() == TradeIds.CONSECUTIVE) {
                    backfiller.askForNewest(state);
                }
            }
        }
        if (changed) {
            listener().onState(ConnectionState.LIVE, liveReason());
        }
    }

    private void resubscribe(long now) {
        Connection open = connection;
        for (SymbolState state : symbols.values()) {
            if (state.wantsResubscription && open != null && now - state.resubscribeFromNanos >= 0) {
                state.wantsResubscription = false;
                state.resubscribeFromNanos = now + RESUBSCRIBE_PAUSE_NANOS;
                exchange.resubscribe(state.symbol).forEach(open::send);
            }
        }
    }

    private String liveReason() {
        List<String> silent = symbols.values().stream()
                .filter(state -> state.silent)
                .map(state -> state.symbol)
                .toList();
        return "connected to " + settings.socket().getHost()
                + (silent.isEmpty() ? "" : "; silent: " + String.join(", ", silent))
                + (rejection.isEmpty() ? "" : "; refused: " + rejection);
    }

    // What comes.

    private void take(String text, long receiveNanos) {
        messages++;
        List<VenueMessage> said;
        try {
            said = exchange.parse(text);
        } catch (InvalidInputException e) {
            refuse(text, String.valueOf(e.getMessage()));
            return;
        }
        Connection of = connection;
        for (VenueMessage message : said) {
            take(message, text, receiveNanos);
            if (of != connection) {
                return; // it was lost by this message
            }
        }
        heardNanos = time.monotonicNanos();
    }

    private void take(VenueMessage message, String text, long receiveNanos) {
        if (message instanceof Rejected rejected) {
            rejection = rejected.reason();
            refuse(text, "the exchange refused: " + rejection);
            return;
        } else if (message instanceof Reconnect reconnect) {
            lose("a new connection is due: " + reconnect.reason());
            return;
        }
        if (phase == Phase.OPEN) {
            live();
        }
        if (message instanceof Traded trade) {
            hear(trade.symbol(), text).ifPresent(state -> take(state, trade, receiveNanos));
        } else if (message instanceof NewestTrades newest) {
            hear(newest.symbol(), text).ifPresent(state -> take(state, newest));
        } else if (message instanceof Quoted quote) {
            hear(quote.symbol(), text).ifPresent(state -> take(quote, receiveNanos));
        } else if (message instanceof BookSnapshot book) {
            hear(book.symbol(), text).ifPresent(state -> take(state, book, receiveNanos));
        } else if (message instanceof BookDelta delta) {
            hear(delta.symbol(), text).ifPresent(state -> take(state, delta, receiveNanos));
        } else if (message instanceof Beat beat) {
            hear(beat.symbol(), text).ifPresent(state -> take(state, beat));
        } else if (!(message instanceof Subscribed)) {
            throw new IllegalStateException("nothing takes " + message);
        }
    }

    private Optional<SymbolState> hear(String symbol, String text) {
        SymbolState state = symbols.get(symbol);
        if (state == null) {
            refuse(text, "symbol was '" + symbol + "' but it must be one that was asked for");
            return Optional.empty();
        }
        state.heardNanos = time.monotonicNanos();
        if (state.silent) {
            state.silent = false;
            listener().onState(ConnectionState.LIVE, liveReason());
        }
        return Optional.of(state);
    }

    private void refuse(String text, String reason) {
        listener().onRefused(new Refused(messages, text, reason));
        if (exchange.bookRule() != BookRule.NONE) {
            return; // the book itself tells whether a change of it was in there
        }
        for (SymbolState state : symbols.values()) {
            if (state.book.valid()) {
                bookBroken(state, VenueMessage.NONE, VenueMessage.NONE, "a message could not be read");
            }
        }
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
        listener()
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
        listener()
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

    private void missing(SymbolState state, Range range, String reason) {
        gap(state, range.first() - 1, range.last() + 1, reason + "; they are asked for by REST", range);
    }

    private void gap(SymbolState state, long after, long next, String reason, Range ids) {
        Gap gap = new Gap(state.symbol, after, next, time.epochNanos(), reason);
        listener().onGap(gap);
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
        listener().onBackfill(backfill);
    }

    @Override
    public void newestNotHad(SymbolState state, String reason) {
        listener()
                .onGap(new Gap(
                        state.symbol,
                        state.trades.last(),
                        VenueMessage.NONE,
                        time.epochNanos(),
                        "whether trades were missed could not be found out: " + reason));
    }

    private void deliver(SymbolState state, Traded trade, long receiveNanos) {
        state.lastEventNanos = Math.max(state.lastEventNanos, trade.eventNanos());
        listener()
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

    private long exchangeNow() {
        return time.epochNanos() - skew.nanos().orElse(0);
    }

    private void tellSkew() {
        OptionalLong now = skew.nanos();
        if (now.isPresent()
                && (skewTold == Long.MIN_VALUE || Math.abs(now.getAsLong() - skewTold) >= SKEW_CHANGE_NANOS)) {
            skewTold = now.getAsLong();
            listener().onClockSkew(skewTold);
        }
    }

    private FeedListener listener() {
        FeedListener to = listener;
        if (to == null) {
            throw new IllegalStateException("feed '" + name() + "' has not been started");
        }
        return to;
    }
}
