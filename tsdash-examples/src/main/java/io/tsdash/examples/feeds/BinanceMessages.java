package io.tsdash.examples.feeds;

import io.tsdash.error.InvalidInputException;
import io.tsdash.examples.feeds.VenueMessage.BookDelta;
import io.tsdash.examples.feeds.VenueMessage.BookSnapshot;
import io.tsdash.examples.feeds.VenueMessage.Quoted;
import io.tsdash.examples.feeds.VenueMessage.Rejected;
import io.tsdash.examples.feeds.VenueMessage.Subscribed;
import io.tsdash.examples.feeds.VenueMessage.Traded;
import io.tsdash.model.Side;
import java.util.ArrayList;
import java.util.List;

/** Reads the messages of Binance, spot and USD-M. */
final class BinanceMessages {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private BinanceMessages() {}

    /**
     * Returns what a frame of a combined stream says.
     *
     * @throws InvalidInputException if it is not as documented
     */
    static List<VenueMessage> parse(String frame) {
        Json json = Json.parse(frame);
        if (json.has("error") || json.has("code")) {
            Json error = json.has("error") ? json.get("error") : json;
            return List.of(new Rejected(error.get("code").text() + " " + error.text("msg", "")));
        }
        if (json.has("result")) {
            return List.of(new Subscribed());
        }
        String stream = json.get("stream").text();
        Json data = json.get("data");
        String kind = stream.substring(stream.indexOf('@') + 1);
        if (kind.equals("trade")) {
            return List.of(trade(data, "t"));
        } else if (kind.equals("aggTrade")) {
            return List.of(trade(data, "a"));
        } else if (kind.equals("bookTicker")) {
            return List.of(quote(data));
        } else if (kind.startsWith("depth@") || kind.equals("depth")) {
            return List.of(change(data));
        }
        throw InvalidInputException.of("stream", stream, "must be one that was asked for");
    }

    /**
     * Returns the trades of an answer, plain or aggregated.
     *
     * @throws InvalidInputException if it is not as documented
     */
    static List<Traded> parseTrades(String symbol, String body) {
        List<Traded> trades = new ArrayList<>();
        for (Json each : Json.parse(body).items()) {
            boolean aggregated = each.has("a");
            trades.add(trade(
                    symbol,
                    each.get(aggregated ? "a" : "id").id(),
                    each.get(aggregated ? "T" : "time"),
                    each.get(aggregated ? "p" : "price"),
                    each.get(aggregated ? "q" : "qty"),
                    each.get(aggregated ? "m" : "isBuyerMaker"),
                    true));
        }
        return trades;
    }

    /**
     * Returns the book of an answer.
     *
     * @throws InvalidInputException if it is not as documented
     */
    static BookSnapshot parseBook(String symbol, String body) {
        Json json = Json.parse(body);
        return new BookSnapshot(
                symbol,
                json.has("T") ? millis(json.get("T")) : VenueMessage.NONE,
                json.get("lastUpdateId").id(),
                Frames.levels(json.get("bids")),
                Frames.levels(json.get("asks")),
                VenueMessage.NONE);
    }

    private static Traded trade(Json data, String idField) {
        return trade(
                data.get("s").text(),
                data.get(idField).id(),
                data.get("T"),
                data.get("p"),
                data.get("q"),
                data.get("m"),
                // On USD-M, trades with the insurance fund and by auto-deleveraging are no prices of the market.
                data.text("X", "MARKET").equals("MARKET"));
    }

    private static Traded trade(
            String symbol, long id, Json time, Json price, Json volume, Json buyerIsMaker, boolean regular) {
        return new Traded(
                symbol,
                id,
                millis(time),
                price.number(),
                volume.number(),
                buyerIsMaker.truth() ? Side.SELL : Side.BUY,
                regular);
    }

    private static Quoted quote(Json data) {
        return new Quoted(
                data.get("s").text(),
                data.has("T") ? millis(data.get("T")) : VenueMessage.NONE,
                data.get("u").id(),
                data.get("b").number(),
                data.get("a").number(),
                data.get("B").number(),
                data.get("A").number());
    }

    private static BookDelta change(Json data) {
        return new BookDelta(
                data.get("s").text(),
                millis(data.get(data.has("T") ? "T" : "E")),
                data.get("U").id(),
                data.get("u").id(),
                data.has("pu") ? data.get("pu").id() : VenueMessage.NONE,
                Frames.levels(data.get("b")),
                Frames.levels(data.get("a")),
                VenueMessage.NONE);
    }

    private static long millis(Json time) {
        return Decimals.toNanos(time.id(), NANOS_PER_MILLI);
    }
}
