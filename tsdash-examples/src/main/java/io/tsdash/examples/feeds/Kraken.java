package io.tsdash.examples.feeds;

import io.tsdash.spi.ProviderOptions;
import java.net.URI;
import java.util.List;

/** What sets Kraken apart, in both versions of its WebSocket: channels, the checked book, and the same REST. */
abstract class Kraken extends Exchange {
    /** What a pair looks like. */
    static final String PAIR = "[A-Z0-9.]+/[A-Z0-9.]+";

    private final int depth;

    /** @param options of them {@code depth}: how many levels a side of the book has */
    Kraken(ProviderOptions options) {
        depth = Integer.parseInt(ExchangeProvider.choice(options, "depth", "10", "25", "100", "500", "1000"));
    }

    /** Returns what is said to begin or end a channel; {@code what} is {@code subscribe} or {@code unsubscribe}. */
    abstract String command(String what, List<String> symbols, String channel);

    @Override
    final List<String> subscribe(List<String> symbols) {
        return List.of(command("subscribe", symbols, "trade"), command("subscribe", symbols, "book"));
    }

    @Override
    final List<String> resubscribe(String symbol) {
        List<String> one = List.of(symbol);
        return List.of(
                command("unsubscribe", one, "trade"),
                command("unsubscribe", one, "book"),
                command("subscribe", one, "trade"),
                command("subscribe", one, "book"));
    }

    @Override
    final BookRule bookRule() {
        return BookRule.CHECKSUM;
    }

    @Override
    final int bookDepth() {
        return depth;
    }

    @Override
    final boolean beats() {
        return true;
    }

    /** Returns where trades of a pair since a time can be had. */
    static URI tradesSince(URI rest, String pair, long sinceNanos) {
        return URI.create(rest + "/0/public/Trades?pair=" + pair + "&since=" + Math.max(0, sinceNanos));
    }
}
