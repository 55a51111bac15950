package io.tsdash.distribution;

import io.tsdash.delta.RecordBuffer;
import io.tsdash.error.TransientException;
import io.tsdash.model.PriceUpdate;
import io.tsdash.resilience.Dated;
import io.tsdash.resilience.FallbackChain;
import io.tsdash.resilience.FallbackSource;
import io.tsdash.store.MarketStore;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Where the latest price of a symbol may come from, as sources of a {@link FallbackChain}: live from the hub, what the hub saw
 * last, and the store. Thread-safe.
 */
public final class LatestPrices {
    private static final String CHANNEL = "prices:";

    private LatestPrices() {}

    /**
     * Returns the live price: while its feed is not live the source fails, and the chain goes on.
     *
     * @param timeout how long the hub may take to answer
     */
    public static FallbackSource<String, PriceUpdate> live(Hub hub, Duration timeout) {
        return symbol -> {
            Optional<Seen> seen = ask(hub, timeout, symbol);
            if (seen.isPresent() && seen.get().stale) {
                throw new TransientException("its feed is not live");
            }
            return seen.map(Seen::dated);
        };
    }

    /**
     * Returns the price that the hub saw last, also while its feed is not live.
     *
     * @param timeout how long the hub may take to answer
     */
    public static FallbackSource<String, PriceUpdate> lastSeen(Hub hub, Duration timeout) {
        return symbol -> ask(hub, timeout, symbol).map(Seen::dated);
    }

    /** Returns the price of the last trade in a store. */
    public static FallbackSource<String, PriceUpdate> stored(MarketStore store) {
        return symbol ->
                store.lastTrade(symbol).map(trade -> new Dated<>(PriceUpdate.of(trade), trade.eventTimeNanos()));
    }

    /**
     * Returns the prices of all symbols whose feed is live.
     *
     * @param timeout how long the hub may take to answer
     * @throws TimeoutException if it does not
     */
    public static List<PriceUpdate> allLive(Hub hub, Duration timeout) throws InterruptedException, TimeoutException {
        try {
            return hub.ask(channels -> channels.withPrefix(CHANNEL).stream()
                            .filter(StateChannel.class::isInstance)
                            .flatMap(channel ->
                                    ((StateChannel) channel).find(channel.name().substring(CHANNEL.length())).stream())
                            .filter(row -> !MarketSchemas.isStale(row))
                            .flatMap(row -> MarketSchemas.price(row).stream())
                            .toList())
                    .get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new TransientException("the hub did not answer: " + e.getCause(), e);
        }
    }

    /**
     * Returns those symbols that have no live price.
     *
     * @param timeout how long the hub may take to answer
     * @throws TransientException if it does not
     */
    public static List<String> withoutLive(Hub hub, Duration timeout, Collection<String> symbols)
            throws InterruptedException {
        try {
            return hub.ask(channels -> symbols.stream()
                            .filter(symbol -> seen(channels, symbol)
                                    .filter(each -> !each.stale)
                                    .isEmpty())
                            .toList())
                    .get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new TransientException("the hub did not answer within " + timeout, e);
        }
    }

    private static Optional<Seen> seen(Channels channels, String symbol) {
        return channels.find(CHANNEL + symbol)
                .filter(StateChannel.class::isInstance)
                .flatMap(channel -> ((StateChannel) channel).find(symbol))
                .flatMap(LatestPrices::seen);
    }

    /**
     * Counts the symbols that have a price from a feed.
     *
     * @param timeout how long the hub may take to answer
     * @throws TimeoutException if it does not
     */
    public static PriceCounts counts(Hub hub, Duration timeout) throws InterruptedException, TimeoutException {
        try {
            return hub.ask(LatestPrices::counted).get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new TransientException("the hub did not answer: " + e.getCause(), e);
        }
    }

    private static PriceCounts counted(Channels channels) {
        int all = 0;
        int stale = 0;
        for (Channel channel : channels.withPrefix(CHANNEL)) {
            if (channel instanceof StateChannel state) {
                Optional<RecordBuffer> row = state.find(channel.name().substring(CHANNEL.length()));
                if (row.isPresent() && MarketSchemas.isOfAFeed(row.get())) {
                    all++;
                    stale += MarketSchemas.isStale(row.get()) ? 1 : 0;
                }
            }
        }
        return new PriceCounts(all, stale);
    }

    private static Optional<Seen> ask(Hub hub, Duration timeout, String symbol)
            throws InterruptedException, ExecutionException {
        try {
            return hub.ask(channels -> seen(channels, symbol)).get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new TransientException("the hub did not answer within " + timeout, e);
        }
    }

    /** A symbol that was declared and has had no event yet has no price. */
    private static Optional<Seen> seen(RecordBuffer row) {
        return MarketSchemas.price(row).map(price -> new Seen(price, MarketSchemas.isStale(row)));
    }

    private record Seen(PriceUpdate price, boolean stale) {
        Dated<PriceUpdate> dated() {
            return new Dated<>(price, price.eventTimeNanos());
        }
    }
}
