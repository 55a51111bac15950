package io.tsdash.examples.feeds;

import io.tsdash.error.InvalidInputException;
import io.tsdash.examples.feeds.VenueMessage.Level;
import io.tsdash.examples.feeds.VenueMessage.Quoted;
import io.tsdash.examples.feeds.VenueMessage.Reconnect;
import io.tsdash.examples.feeds.VenueMessage.Rejected;
import io.tsdash.examples.feeds.VenueMessage.Subscribed;
import io.tsdash.examples.feeds.VenueMessage.Traded;
import io.tsdash.model.Side;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads the messages of Bitstamp. */
final class BitstampMessages {
    private static final long NANOS_PER_MICRO = 1_000;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private BitstampMessages() {}

    /**
     * Returns what a frame says.
     *
     * @throws InvalidInputException if it is not as documented
     */
    static List<VenueMessage> parse(String frame) {
        Json json = Json.parse(frame);
        String event = json.get("event").text();
        return switch (event) {
            case "trade" -> List.of(trade(symbol(json), json.get("data")));
            case "data" -> List.of(quote(symbol(json), json.get("data")));
            case "bts:subscription_succeeded" -> List.of(new Subscribed());
            case "bts:unsubscription_succeeded", "bts:heartbeat" -> List.of();
            case "bts:request_reconnect" -> List.of(new Reconnect("the exchange asks for it"));
            case "bts:error" -> List.of(new Rejected(json.get("data").text("message", "without a reason")));
            default -> throw InvalidInputException.of("event", event, "must be one that was asked for");
        };
    }

    /**
     * Returns the trades of an answer. Their times are whole seconds.
     *
     * @throws InvalidInputException if it is not as documented
     */
    static List<Traded> parseTrades(String symbol, String body) {
        List<Traded> trades = new ArrayList<>();
        for (Json each : Json.parse(body).items()) {
            trades.add(new Traded(
                    symbol,
                    each.get("tid").id(),
                    Decimals.toNanos(each.get("date").id(), NANOS_PER_SECOND),
                    each.get("price").number(),
                    each.get("amount").number(),
                    side(each.get("type")),
                    true));
        }
        return trades;
    }

    private static Traded trade(String symbol, Json data) {
        return new Traded(
                symbol,
                data.get("id").id(),
                micros(data),
                data.get("price_str").number(),
                data.get("amount_str").number(),
                side(data.get("type")),
                true);
    }

    private static Quoted quote(String symbol, Json data) {
        List<Level> bids = Frames.levels(data.get("bids"));
        List<Level> asks = Frames.levels(data.get("asks"));
        long eventNanos = micros(data);
        return new Quoted(
                symbol,
                eventNanos,
                eventNanos / NANOS_PER_MICRO,
                bids.isEmpty() ? Double.NaN : bids.get(0).priceValue(),
                asks.isEmpty() ? Double.NaN : asks.get(0).priceValue(),
                bids.isEmpty() ? Double.NaN : bids.get(0).sizeValue(),
                asks.isEmpty() ? Double.NaN : asks.get(0).sizeValue());
    }

    private static String symbol(Json json) {
        String channel = json.get("channel").text();
        for (String name : List.of(BitstampFeed.TRADES, BitstampFeed.BOOK)) {
            if (channel.startsWith(name)) {
                return channel.substring(name.length()).toUpperCase(Locale.ROOT);
            }
        }
        throw InvalidInputException.of("channel", channel, "must be one that was asked for");
    }

    private static long micros(Json data) {
        return Decimals.toNanos(data.get("microtimestamp").id(), NANOS_PER_MICRO);
    }

    private static Side side(Json type) {
        return Frames.either("type", type.text(), "0", "1") ? Side.BUY : Side.SELL;
    }
}
