package io.tsdash.examples.feeds;

import io.tsdash.error.InvalidInputException;
import io.tsdash.examples.feeds.VenueMessage.BookDelta;
import io.tsdash.examples.feeds.VenueMessage.BookSnapshot;
import io.tsdash.examples.feeds.VenueMessage.Level;
import io.tsdash.examples.feeds.VenueMessage.NewestTrades;
import io.tsdash.examples.feeds.VenueMessage.Rejected;
import io.tsdash.examples.feeds.VenueMessage.Subscribed;
import io.tsdash.examples.feeds.VenueMessage.Traded;
import io.tsdash.model.Side;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the messages of Kraken's WebSocket v2. */
final class Kraken2Messages {
    private Kraken2Messages() {}

    /**
     * Returns what a frame says.
     *
     * @throws InvalidInputException if it is not as documented
     */
    static List<VenueMessage> parse(String frame) {
        Json json = Json.parse(frame);
        if (json.has("method")) {
            return answer(json);
        }
        String channel = json.get("channel").text();
        return switch (channel) {
            case "heartbeat", "status" -> List.of();
            case "trade" -> trades(json);
            case "book" -> books(json);
            default -> throw InvalidInputException.of("channel", channel, "must be one that was asked for");
        };
    }

    private static List<VenueMessage> answer(Json json) {
        String method = json.get("method").text();
        if (json.has("success") && !json.get("success").truth()) {
            return List.of(new Rejected(method + ": " + json.text("error", "without a reason")));
        }
        return method.equals("subscribe") ? List.of(new Subscribed()) : List.of();
    }

    private static List<VenueMessage> trades(Json json) {
        Map<String, List<Traded>> bySymbol = new LinkedHashMap<>();
        for (Json each : json.get("data").items()) {
            String symbol = each.get("symbol").text();
            bySymbol.computeIfAbsent(symbol, key -> new ArrayList<>())
                    .add(new Traded(
                            symbol,
                            each.get("trade_id").id(),
                            Decimals.isoToNanos(each.get("timestamp").text()),
                            each.get("price").number(),
                            each.get("qty").number(),
                            Frames.either("side", each.get("side").text(), "buy", "sell") ? Side.BUY : Side.SELL,
                            true));
        }
        List<VenueMessage> messages = new ArrayList<>();
        boolean snapshot = isSnapshot(json);
        bySymbol.forEach((symbol, trades) -> {
            if (snapshot) {
                messages.add(new NewestTrades(symbol, trades));
            } else {
                messages.addAll(trades);
            }
        });
        return messages;
    }

    private static List<VenueMessage> books(Json json) {
        List<VenueMessage> messages = new ArrayList<>();
        for (Json each : json.get("data").items()) {
            String symbol = each.get("symbol").text();
            List<Level> bids = levels(each.get("bids"));
            List<Level> asks = levels(each.get("asks"));
            long checksum = each.get("checksum").id();
            long eventNanos = each.has("timestamp")
                    ? Decimals.isoToNanos(each.get("timestamp").text())
                    : VenueMessage.NONE;
            messages.add(
                    isSnapshot(json)
                            ? new BookSnapshot(symbol, eventNanos, VenueMessage.NONE, bids, asks, checksum)
                            : new BookDelta(
                                    symbol,
                                    eventNanos,
                                    VenueMessage.NONE,
                                    VenueMessage.NONE,
                                    VenueMessage.NONE,
                                    bids,
                                    asks,
                                    checksum));
        }
        return messages;
    }

    private static boolean isSnapshot(Json json) {
        return Frames.either("type", json.get("type").text(), "snapshot", "update");
    }

    private static List<Level> levels(Json list) {
        List<Level> levels = new ArrayList<>(list.size());
        for (Json level : list.items()) {
            levels.add(new Level(level.get("price").decimal(), level.get("qty").decimal()));
        }
        return levels;
    }
}
