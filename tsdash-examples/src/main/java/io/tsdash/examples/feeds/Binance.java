package io.tsdash.examples.feeds;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What sets Binance apart, spot and USD-M.
 *
 * <p>Trades have consecutive ids, so have aggregated ones. Quotes come from {@code bookTicker}, each whole; or from the
 * book, whose changes form a chain that a missing one breaks.
 */
final class Binance extends Exchange {
    private static final int PAGE = 1_000;

    private final boolean futures;
    private final String trades;
    private final boolean depth;

    /**
     * @param futures whether it is USD-M
     * @param trades which stream of trades: single ones, or {@code aggTrade}
     * @param depth whether quotes come from the book
     */
    Binance(boolean futures, String trades, boolean depth) {
        this.futures = futures;
        this.trades = trades;
        this.depth = depth;
    }

    @Override
    List<String> subscribe(List<String> symbols) {
        return List.of(command("SUBSCRIBE", symbols));
    }

    @Override
    List<String> resubscribe(String symbol) {
        return List.of(command("UNSUBSCRIBE", List.of(symbol)), command("SUBSCRIBE", List.of(symbol)));
    }

    @Override
    List<VenueMessage> parse(String frame) {
        return BinanceMessages.parse(frame);
    }

    @Override
    TradeIds tradeIds() {
        return TradeIds.CONSECUTIVE;
    }

    @Override
    BookRule bookRule() {
        return futures ? BookRule.NAMES_PREVIOUS : BookRule.NEXT_FOLLOWS;
    }

    @Override
    boolean beats() {
        return false;
    }

    @Override
    Optional<URI> tradesAt(URI rest, Missing missing) {
        boolean aggregated = trades.equals("aggTrade");
        String query = "?symbol=" + missing.symbol() + "&limit=" + PAGE;
        if (futures && !aggregated) {
            // Older ones need a key: only the newest thousand can be had.
            return Optional.of(URI.create(rest + "/fapi/v1/trades" + query));
        }
        String path = (futures ? "/fapi/v1/" : "/api/v3/") + (aggregated ? "aggTrades" : "historicalTrades");
        String from = missing.afterId() == VenueMessage.NONE ? "" : "&fromId=" + (missing.afterId() + 1);
        return Optional.of(URI.create(rest + path + query + from));
    }

    @Override
    List<VenueMessage.Traded> parseTrades(String symbol, String body) {
        return BinanceMessages.parseTrades(symbol, body);
    }

    @Override
    Optional<URI> bookAt(URI rest, String symbol) {
        return depth
                ? Optional.of(URI.create(
                        rest + (futures ? "/fapi/v1/depth" : "/api/v3/depth") + "?symbol=" + symbol + "&limit=" + PAGE))
                : Optional.empty();
    }

    @Override
    VenueMessage.BookSnapshot parseBook(String symbol, String body) {
        return BinanceMessages.parseBook(symbol, body);
    }

    private String command(String method, List<String> symbols) {
        List<String> streams = symbols.stream()
                .map(symbol -> symbol.toLowerCase(Locale.ROOT))
                .flatMap(symbol ->
                        List.of(symbol + "@" + trades, symbol + (depth ? "@depth@100ms" : "@bookTicker")).stream())
                .toList();
        return Frames.json(json -> {
            json.writeStringProperty("method", method);
            Frames.texts(json, "params", streams);
            json.writeNumberProperty("id", 1);
        });
    }
}
