package io.tsdash.examples.feeds;

import io.tsdash.spi.ProviderOptions;
import java.net.URI;
import java.util.List;
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
        return new Version1(options);
    }

    @Override
    String symbolRule() {
        return Kraken.PAIR;
    }

    /** What sets v1 apart. */
    private static final class Version1 extends Kraken {
        Version1(ProviderOptions options) {
            super(options);
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
        Optional<URI> tradesAt(URI rest, Missing missing) {
            // A second earlier: ids sort out what is there already.
            return Optional.of(tradesSince(
                    rest, missing.symbol().replace("/", ""), missing.sinceNanos() - TimeUnit.SECONDS.toNanos(1)));
        }

        @Override
        List<VenueMessage.Traded> parseTrades(String symbol, String body) {
            return KrakenMessages.parseTradesWithoutIds(symbol, body);
        }

        @Override
        String command(String event, List<String> pairs, String channel) {
            return Frames.json(json -> {
                json.writeStringProperty("event", event);
                Frames.texts(json, "pair", pairs);
                json.writeName("subscription");
                json.writeStartObject();
                json.writeStringProperty("name", channel);
                if (channel.equals("book")) {
                    json.writeNumberProperty("depth", bookDepth());
                }
                json.writeEndObject();
            });
        }
    }
}
