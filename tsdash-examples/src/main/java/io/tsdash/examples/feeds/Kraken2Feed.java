package io.tsdash.examples.feeds;

import io.tsdash.spi.ProviderOptions;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * Kraken by its WebSocket v2, under the name {@code kraken-v2}.
 *
 * <p>Trades have consecutive ids in each book. Quotes come from the book, whose every change is checked by CRC32.
 */
public final class Kraken2Feed extends ExchangeProvider {

    /** Called by the service loader. */
    public Kraken2Feed() {
        super(
                "kraken-v2",
                "kraken-v2:BTC/USD,ETH/USD is Kraken by its WebSocket v2; options: depth (10, 25, 100, 500, 1000), ",
                "wss://ws.kraken.com/v2",
                "https://api.kraken.com");
    }

    @Override
    Exchange exchange(ProviderOptions options) {
        return new Version2(options);
    }

    @Override
    String symbolRule() {
        return Kraken.PAIR;
    }

    /** What sets v2 apart. */
    private static final class Version2 extends Kraken {
        Version2(ProviderOptions options) {
            super(options);
        }

        @Override
        List<VenueMessage> parse(String frame) {
            return Kraken2Messages.parse(frame);
        }

        @Override
        TradeIds tradeIds() {
            return TradeIds.CONSECUTIVE;
        }

        @Override
        Optional<URI> tradesAt(URI rest, Missing missing) {
            // REST keeps the old names of two currencies.
            String pair = missing.symbol()
                    .replace("BTC", "XBT")
                    .replace("DOGE", "XDG")
                    .replace("/", "");
            // Since is exclusive, and what happened in the same nanosecond may be among the missing.
            return Optional.of(tradesSince(rest, pair, missing.sinceNanos() - 1));
        }

        @Override
        List<VenueMessage.Traded> parseTrades(String symbol, String body) {
            return KrakenMessages.parseTrades(symbol, body);
        }

        @Override
        String command(String method, List<String> symbols, String channel) {
            boolean subscribe = method.equals("subscribe");
            return Frames.json(json -> {
                json.writeStringProperty("method", method);
                json.writeName("params");
                json.writeStartObject();
                json.writeStringProperty("channel", channel);
                Frames.texts(json, "symbol", symbols);
                if (channel.equals("book")) {
                    json.writeNumberProperty("depth", bookDepth());
                }
                if (subscribe) {
                    json.writeBooleanProperty("snapshot", true);
                }
                json.writeEndObject();
            });
        }
    }
}
