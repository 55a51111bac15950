package io.tsdash.examples.feeds;

import io.tsdash.spi.ProviderOptions;

/** Binance spot, under the name {@code binance}. */
public final class BinanceFeed extends ExchangeProvider {

    /** Called by the service loader. */
    public BinanceFeed() {
        super(
                "binance",
                "binance:btcusdt,ethusdt is Binance spot; options: trades (trade, aggTrade), quotes (bookTicker, depth), ",
                "wss://stream.binance.com:9443/stream",
                "https://api.binance.com");
    }

    @Override
    Exchange exchange(ProviderOptions options) {
        return new Binance(
                false,
                choice(options, "trades", "trade", "aggTrade"),
                choice(options, "quotes", "bookTicker", "depth").equals("depth"));
    }

    @Override
    String symbolRule() {
        return "[A-Z0-9_]+";
    }
}
