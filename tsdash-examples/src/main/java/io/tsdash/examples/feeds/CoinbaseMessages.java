package io.tsdash.examples.feeds;

import io.tsdash.error.InvalidInputException;
import io.tsdash.examples.feeds.VenueMessage.Beat;
import io.tsdash.examples.feeds.VenueMessage.BookDelta;
import io.tsdash.examples.feeds.VenueMessage.BookSnapshot;
import io.tsdash.examples.feeds.VenueMessage.Level;
import io.tsdash.examples.feeds.VenueMessage.NewestTrades;
import io.tsdash.examples.feeds.VenueMessage.Quoted;
import io.tsdash.examples.feeds.VenueMessage.Rejected;
import io.tsdash.examples.feeds.VenueMessage.Subscribed;
import io.tsdash.examples.feeds.VenueMessage.Traded;
import io.tsdash.model.Side;
import java.util.ArrayList;
import java.util.List;

/** Reads the messages of Coinbase Exchange. */
final class CoinbaseMessages {
    private CoinbaseMessages() {}

    /**
     * Returns what a frame says.
     *
     * @throws InvalidInputException if it is not as documented
     */
    static List<VenueMessage> parse(String frame) {
        Json json = Json.parse(frame);
        String type = json.get("type").text();
        return switch (type) {
            case "match" -> List.of(trade(json.get("product_id").text(), json));
            case "last_match" -> {
                String symbol = json.get("product_id").text();
                yield List.of(new NewestTrades(symbol, List.of(trade(symbol, json))));
            }
            case "ticker" -> List.of(quote(json));
            case "snapshot" ->
                List.of(new BookSnapshot(
                        json.get("product_id").text(),
                        VenueMessage.NONE,
                        VenueMessage.NONE,
                        Frames.levels(json.get("bids")),
                        Frames.levels(json.get("asks")),
                        VenueMessage.NONE));
            case "l2update" -> List.of(change(json));
            case "heartbeat" ->
                List.of(new Beat(
                        json.get("product_id").text(), json.get("last_trade_id").id()));
            case "subscriptions" -> List.of(new Subscribed());
            case "error" ->
                List.of(new Rejected(json.get("message").text() + ": " + json.text("reason", "no reason given")));
            default -> throw InvalidInputException.of("type", type, "must be one that was asked for");
        };
    }

    /**
     * Returns the trades of an answer.
     *
     * @throws InvalidInputException if it is not as documented
     */
    static List<Traded> parseTrades(String symbol, String body) {
        List<Traded> trades = new ArrayList<>();
        for (Json each : Json.parse(body).items()) {
            trades.add(trade(symbol, each));
        }
        return trades;
    }

    private static Traded trade(String symbol, Json json) {
        // The side is that of the order that lay in the book; who crossed the spread is the other.
        boolean makerBuys = Frames.either("side", json.get("side").text(), "buy", "sell");
        return new Traded(
                symbol,
                json.get("trade_id").id(),
                Decimals.isoToNanos(json.get("time").text()),
                json.get("price").number(),
                json.get("size").number(),
                makerBuys ? Side.SELL : Side.BUY,
                true);
    }

    private static Quoted quote(Json json) {
        return new Quoted(
                json.get("product_id").text(),
                // A product that has not traded yet has no time.
                json.has("time") ? Decimals.isoToNanos(json.get("time").text()) : VenueMessage.NONE,
                json.get("sequence").id(),
                json.get("best_bid").number(),
                json.get("best_ask").number(),
                json.has("best_bid_size") ? json.get("best_bid_size").number() : Double.NaN,
                json.has("best_ask_size") ? json.get("best_ask_size").number() : Double.NaN);
    }

    private static BookDelta change(Json json) {
        List<Level> bids = new ArrayList<>();
        List<Level> asks = new ArrayList<>();
        for (Json change : json.get("changes").items()) {
            boolean bid = Frames.either("side", change.get(0).text(), "buy", "sell");
            (bid ? bids : asks)
                    .add(new Level(change.get(1).decimal(), change.get(2).decimal()));
        }
        return new BookDelta(
                json.get("product_id").text(),
                Decimals.isoToNanos(json.get("time").text()),
                VenueMessage.NONE,
                VenueMessage.NONE,
                VenueMessage.NONE,
                bids,
                asks,
                VenueMessage.NONE);
    }
}
