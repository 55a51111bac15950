package io.tsdash.examples.feeds;

import io.tsdash.spi.ProviderOptions;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Kraken by its WebSocket v1, under the name {@code kraken}.
 *
 * <p>Quotes come from the book, whose every change is checked by CRC32. Trades have no ids in v1, so one that is missing
 * can't be seen; after a reconnect they are asked for by time. {@link Kraken2Feed} has ids.
 */
public final class KrakenFeed extends ExchangeProvider {

    /** Called by the service loader. */
    public KrakenFeed() {
        super(
                "kraken",
                "kraken:XBT/USD,ETH/USD is Kraken by its WebSocket v1 (trades without ids: prefer kraken-v2); options: depth (10, 25, 100, 500, 1000), ",
                "wss://ws.kraken.com",
                "https://api.kraken.com");
    }

    @Override
    Exchange exchange(ProviderOptions options) {
        return new Kraken(Integer.parseInt(choice(options, "depth", "10", "25", "100", "500", "1000")));
    }

    @Override
    String symbol(String text) {
        return text.toUpperCase(Locale.ROOT);
    }

    @Override
    String symbolRule() {
        return "[A-Z0-9.]+/[A-Z0-9.]+";
    }

    /** Returns where trades since a time can be had; both versions of the WebSocket have the same REST. */
    static URI tradesAt(URI rest, String pair, long sinceNanos) {
        return URI.create(rest + "/0/public/Trades?pair=" + pair + "&since=" + Math.max(0, sinceNanos));
    }

    /** What sets v1 apart. */
    private static final class Kraken extends Exchange {
        private final int depth;

        Kraken(int depth) {
            this.depth = depth;
        }

        @Override
        List<String> subscribe(List<String> symbols) {
            return List.of(command("subscribe", symbols, "trade"), command("subscribe", symbols, "book"));
        }

        @Override
        List<String> resubscribe(String symbol) {
            List<String> one = List.of(symbol);
            return List.of(
                    command("unsubscribe", one, "trade"),
                    command("unsubscribe", one, "book"),
                    command("subscribe", one, "trade"),
                    command("subscribe", one, "book"));
        }

        @Override
        List<VenueMessage> parse(String frame) {
            return KrakenMessages.parse(frame);
        }

        @Override
        TradeIds tradeIds() {
            return TradeIds.UNIQUE;
        }

        @Override
        BookRule bookRule() {
            return BookRule.CHECKSUM;
        }

        @Override
        int bookDepth() {
            return depth;
        }

        @Override
        boolean beats() {
            return true;
        }

        @Override
        Optional<URI> tradesAt(URI rest, Missing missing) {
            // A second earlier: ids sort out what is there already.
            return Optional.of(KrakenFeed.tradesAt(
                    rest, missing.symbol().replace("/", ""), missing.sinceNanos() - TimeUnit.SECONDS.toNanos(1)));
        }

        @Override
        List<VenueMessage.Traded> parseTrades(String symbol, String body) {
            return KrakenMessages.parseTradesWithoutIds(symbol, body);
        }

        private String command(String event, List<String> pairs, String channel) {
            return Frames.json(json -> {
                json.writeStringProperty("event", event);
                Frames.texts(json, "pair", pairs);
                json.writeName("subscription");
                json.writeStartObject();
                json.writeStringProperty("name", channel);
                if (channel.equals("book")) {
                    json.writeNumberProperty("depth", depth);
                }
                json.writeEndObject();
            });
        }
    }
}
