package io.tsdash.examples.feeds;

import io.tsdash.spi.ProviderOptions;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * Coinbase Exchange, under the name {@code coinbase}.
 *
 * <p>Trades have consecutive ids in each product, and a heartbeat a second tells the last: what is missing is known
 * within two seconds. Quotes come with each trade; {@code quotes=level2_batch} has them from the book, which proves
 * nothing and is therefore made anew after any frame that cannot be read.
 */
public final class CoinbaseFeed extends ExchangeProvider {

    /** Called by the service loader. */
    public CoinbaseFeed() {
        super(
                "coinbase",
                "coinbase:BTC-USD,ETH-USD is Coinbase Exchange; options: quotes (ticker, level2_batch, level2), ",
                "wss://ws-feed.exchange.coinbase.com",
                "https://api.exchange.coinbase.com");
    }

    @Override
    Exchange exchange(ProviderOptions options) {
        return new Coinbase(choice(options, "quotes", "ticker", "level2_batch", "level2"));
    }

    @Override
    String symbolRule() {
        return "[A-Z0-9]+-[A-Z0-9]+";
    }

    /** What sets Coinbase apart. */
    private static final class Coinbase extends Exchange {
        private static final int PAGE = 1_000;

        private final String quotes;

        Coinbase(String quotes) {
            this.quotes = quotes;
        }

        @Override
        List<String> subscribe(List<String> symbols) {
            return List.of(command("subscribe", symbols));
        }

        @Override
        List<String> resubscribe(String symbol) {
            return List.of(command("unsubscribe", List.of(symbol)), command("subscribe", List.of(symbol)));
        }

        @Override
        List<VenueMessage> parse(String frame) {
            return CoinbaseMessages.parse(frame);
        }

        @Override
        TradeIds tradeIds() {
            return TradeIds.CONSECUTIVE;
        }

        @Override
        BookRule bookRule() {
            return BookRule.NONE;
        }

        @Override
        boolean beats() {
            return true;
        }

        @Override
        Optional<URI> tradesAt(URI rest, Missing missing) {
            // Pages go from the newest down; "after" is Coinbase's word for older.
            String older = missing.beforeId() == Long.MAX_VALUE ? "" : "&after=" + missing.beforeId();
            return Optional.of(URI.create(rest + "/products/" + missing.symbol() + "/trades?limit=" + PAGE + older));
        }

        @Override
        List<VenueMessage.Traded> parseTrades(String symbol, String body) {
            return CoinbaseMessages.parseTrades(symbol, body);
        }

        private String command(String type, List<String> symbols) {
            return Frames.json(json -> {
                json.writeStringProperty("type", type);
                Frames.texts(json, "product_ids", symbols);
                Frames.texts(json, "channels", List.of("matches", "heartbeat", quotes));
            });
        }
    }
}
