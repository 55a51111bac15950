package io.tsdash.examples.feeds;

import io.tsdash.error.InvalidInputException;
import io.tsdash.examples.feeds.VenueMessage.BookDelta;
import io.tsdash.examples.feeds.VenueMessage.BookSnapshot;
import io.tsdash.examples.feeds.VenueMessage.Level;
import io.tsdash.examples.feeds.VenueMessage.Rejected;
import io.tsdash.examples.feeds.VenueMessage.Subscribed;
import io.tsdash.examples.feeds.VenueMessage.Traded;
import io.tsdash.model.Side;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the messages of Kraken's WebSocket v1, and the trades of its REST. */
final class KrakenMessages {
    private static final long NANOS_PER_MICRO = 1_000;
    private static final int TRADE_FIELDS_WITH_ID = 7;
    private static final long HASH_FACTOR = 0x9E3779B97F4A7C15L; // 2^64 over the golden ratio: spreads what is added

    private KrakenMessages() {}

    /**
     * Returns what a frame says.
     *
     * @throws InvalidInputException if it is not as documented
     */
    static List<VenueMessage> parse(String frame) {
        Json json = Json.parse(frame);
        return json.isObject() ? event(json) : channel(json);
    }

    /**
     * Returns the trades of an answer, with ids as v1's WebSocket would have them.
     *
     * @throws InvalidInputException if it is not as documented
     */
    static List<Traded> parseTradesWithoutIds(String symbol, String body) {
        return trades(symbol, answer(body));
    }

    /**
     * Returns the trades of an answer, with Kraken's ids.
     *
     * @throws InvalidInputException if it is not as documented
     */
    static List<Traded> parseTrades(String symbol, String body) {
        List<Traded> trades = new ArrayList<>();
        for (Json each : answer(body).items()) {
            if (each.size() < TRADE_FIELDS_WITH_ID) {
                throw new InvalidInputException("a trade has " + each.size() + " fields but it must have an id");
            }
            Traded read = trade(symbol, each, new HashMap<>());
            trades.add(new Traded(
                    symbol,
                    each.get(TRADE_FIELDS_WITH_ID - 1).id(),
                    Decimals.secondsToNanos(each.get(2).decimal()),
                    read.price(),
                    read.volume(),
                    read.side(),
                    true));
        }
        return trades;
    }

    private static List<VenueMessage> event(Json json) {
        String event = json.get("event").text();
        return switch (event) {
            case "heartbeat", "pong", "systemStatus" -> List.of();
            case "subscriptionStatus" -> {
                String status = json.get("status").text();
                yield switch (status) {
                    case "subscribed" -> List.of(new Subscribed());
                    case "unsubscribed" -> List.of();
                    default ->
                        List.of(new Rejected(
                                json.text("pair", "") + " " + json.text("errorMessage", "without a reason")));
                };
            }
            case "error" -> List.of(new Rejected(json.text("errorMessage", "without a reason")));
            default -> throw InvalidInputException.of("event", event, "must be one that is documented");
        };
    }

    private static List<VenueMessage> channel(Json json) {
        String channel = json.get(-2).text();
        String pair = json.get(-1).text();
        if (channel.equals("trade")) {
            return List.copyOf(trades(pair, json.get(1)));
        } else if (channel.startsWith("book")) {
            return List.of(book(pair, json));
        }
        throw InvalidInputException.of("channel", channel, "must be one that was asked for");
    }

    private static VenueMessage book(String pair, Json json) {
        if (json.get(1).has("as")) {
            Json book = json.get(1);
            return new BookSnapshot(
                    pair,
                    latest(book, "as", "bs", 0),
                    VenueMessage.NONE,
                    Frames.levels(book.get("bs")),
                    Frames.levels(book.get("as")),
                    VenueMessage.NONE);
        }
        // One side or both, each in an object of its own; the last has the checksum.
        List<Level> bids = new ArrayList<>();
        List<Level> asks = new ArrayList<>();
        long eventNanos = 0;
        int parts = json.size() - 3;
        for (int i = 1; i <= parts; i++) {
            Json part = json.get(i);
            eventNanos = latest(part, "a", "b", eventNanos);
            if (part.has("a")) {
                asks.addAll(Frames.levels(part.get("a")));
            }
            if (part.has("b")) {
                bids.addAll(Frames.levels(part.get("b")));
            }
        }
        return new BookDelta(
                pair,
                eventNanos,
                VenueMessage.NONE,
                VenueMessage.NONE,
                VenueMessage.NONE,
                bids,
                asks,
                json.get(parts).get("c").id());
    }

    private static long latest(Json part, String asks, String bids, long atLeast) {
        long latest = atLeast;
        for (String side : List.of(asks, bids)) {
            if (part.has(side)) {
                for (Json level : part.get(side).items()) {
                    latest = Math.max(
                            latest, Decimals.secondsToNanos(level.get(2).decimal()));
                }
            }
        }
        return latest;
    }

    private static Json answer(String body) {
        Json json = Json.parse(body);
        if (json.has("error") && json.get("error").size() > 0) {
            throw new InvalidInputException(
                    "Kraken refused: " + json.get("error").get(0).text());
        }
        for (Map.Entry<String, Json> field : json.get("result").fields().entrySet()) {
            if (!field.getKey().equals("last")) {
                return field.getValue();
            }
        }
        throw new InvalidInputException("the answer must have trades");
    }

    private static List<Traded> trades(String symbol, Json list) {
        List<Traded> trades = new ArrayList<>(list.size());
        Map<Long, Integer> seen = new HashMap<>();
        for (Json each : list.items()) {
            trades.add(trade(symbol, each, seen));
        }
        return trades;
    }

    /**
     * v1 tells no trade ids: one is made of all that a trade consists of, the same over WebSocket and REST. Trades that are
     * the same in all of it are counted within a message.
     */
    private static Traded trade(String symbol, Json json, Map<Long, Integer> seen) {
        long nanos = Decimals.secondsToNanos(json.get(2).decimal());
        long micros = nanos / NANOS_PER_MICRO; // REST tells more digits than the WebSocket
        double price = json.get(0).number();
        double volume = json.get(1).number();
        boolean buys = Frames.either("side", json.get(3).text(), "b", "s");
        long hash =
                mix(mix(mix(micros, Double.doubleToLongBits(price)), Double.doubleToLongBits(volume)), buys ? 1 : 2);
        int copies = seen.merge(hash, 1, Integer::sum);
        return new Traded(
                symbol,
                (copies == 1 ? hash : mix(hash, copies)) & Long.MAX_VALUE,
                micros * NANOS_PER_MICRO,
                price,
                volume,
                buys ? Side.BUY : Side.SELL,
                true);
    }

    private static long mix(long hash, long value) {
        long mixed = (hash ^ value) * HASH_FACTOR;
        return mixed ^ (mixed >>> 29);
    }
}
