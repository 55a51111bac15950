package io.tsdash.examples.feeds;

import io.tsdash.spi.ProviderOptions;

/** Binance USD-M futures, under the name {@code binance-usdm}. */
public final class BinanceUsdmFeed extends ExchangeProvider {

    /** Called by the service loader. */
    public BinanceUsdmFeed() {
        super(
                "binance-usdm",
                "binance-usdm:btcusdt,ethusdt is Binance USD-M futures; options: trades (aggTrade, trade), quotes (bookTicker, depth), ",
                "wss://fstream.binance.com/stream",
                "https://fapi.binance.com");
    }

    @Override
    Exchange exchange(ProviderOptions options) {
        return new Binance(
                true,
                choice(options, "trades", "aggTrade", "trade"),
                choice(options, "quotes", "bookTicker", "depth").equals("depth"));
    }

    @Override
    String symbolRule() {
        return "[A-Z0-9_]+";
    }
}
