package io.tsdash.source;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** Makes the symbols of the simulated market: well-known names first, then invented tickers. */
final class SimulatedSymbols {
    private static final List<String> PAIRS = List.of(
            "BTC-USD",
            "ETH-USD",
            "SOL-USD",
            "XRP-USD",
            "ADA-USD",
            "DOGE-USD",
            "LTC-USD",
            "AVAX-USD",
            "LINK-USD",
            "DOT-USD");
    private static final double[] PAIR_PRICES = {61_800, 2_680, 148, 0.61, 0.35, 0.105, 62, 21.8, 10.4, 4.7};
    private static final List<String> CURRENCIES =
            List.of("EURUSD", "GBPUSD", "AUDUSD", "NZDUSD", "USDCHF", "USDCAD", "EURGBP", "EURCHF");
    private static final double[] CURRENCY_PRICES = {1.0921, 1.2745, 0.6592, 0.6011, 0.8661, 1.3734, 0.8571, 0.9456};
    private static final List<String> SHARES = List.of(
            "AAPL", "MSFT", "NVDA", "AMZN", "GOOGL", "META", "TSLA", "AVGO", "JPM", "LLY", "V", "XOM", "UNH", "MA",
            "COST", "HD", "PG", "JNJ", "ABBV", "WMT", "NFLX", "CRM", "BAC", "ORCL", "CVX", "KO", "AMD", "PEP", "TMO",
            "ADBE", "MCD", "CSCO", "ABT", "GE", "INTC", "DIS", "QCOM", "CAT", "IBM", "TXN", "VZ", "AMGN", "PFE", "NKE",
            "BA", "SPY", "QQQ");

    private static final int PAIR_DECIMALS_OF_THE_DEAR = 2;
    private static final int PAIR_DECIMALS_OF_THE_CHEAP = 5;
    private static final int LETTERS = 26;

    private SimulatedSymbols() {}

    static List<SimulatedSymbol> make(int count, SplittableRandom random) {
        List<SimulatedSymbol> symbols = new ArrayList<>();
        // Shares, pairs and currencies in turn, so that a small market has some of each.
        int pairs = 0;
        int currencies = 0;
        List<String> shares = shareNames(count, random);
        int share = 0;
        while (symbols.size() < count) {
            int turn = symbols.size() % 5;
            if (turn == 1 && pairs < PAIRS.size()) {
                symbols.add(pair(PAIRS.get(pairs), PAIR_PRICES[pairs]));
                pairs++;
            } else if (turn == 3 && currencies < CURRENCIES.size()) {
                symbols.add(currency(CURRENCIES.get(currencies), CURRENCY_PRICES[currencies]));
                currencies++;
            } else {
                symbols.add(share(shares.get(share), random));
                share++;
            }
        }
        return symbols;
    }

    private static SimulatedSymbol pair(String name, double price) {
        int decimals = price >= 10 ? PAIR_DECIMALS_OF_THE_DEAR : PAIR_DECIMALS_OF_THE_CHEAP;
        int spread = (int) Math.max(1, Math.round(price * Math.pow(10, decimals) * 5e-6));
        return new SimulatedSymbol(name, false, decimals, price, 4e-5, spread, 4_000 / price / 10, 1e5);
    }

    private static SimulatedSymbol currency(String name, double price) {
        return new SimulatedSymbol(name, false, 5, price, 8e-6, 2, 50_000, 1e-3);
    }

    private static SimulatedSymbol share(String name, SplittableRandom random) {
        double price = 4 + 90 * Quantiles.logNormal(random.nextLong());
        int spread = 1 + (int) (price / 100);
        return new SimulatedSymbol(name, true, 2, price, 6e-5, spread, 80, 1);
    }

    private static List<String> shareNames(int count, SplittableRandom random) {
        Set<String> names = new LinkedHashSet<>(SHARES);
        while (names.size() < count) {
            StringBuilder ticker = new StringBuilder();
            for (int length = 3 + random.nextInt(2); length > 0; length--) {
                ticker.append((char) ('A' + random.nextInt(LETTERS)));
            }
            if (!ticker.toString().equals(TestSymbol.NAME)) {
                names.add(ticker.toString());
            }
        }
        return List.copyOf(names);
    }
}
