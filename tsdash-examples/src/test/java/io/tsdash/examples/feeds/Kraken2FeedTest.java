package io.tsdash.examples.feeds;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.examples.feeds.VenueMessage.Level;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Kraken's WebSocket v2. There is no capture of it: the messages here were made by Kraken's documentation, and the
 * checksum's rule is held against the example in it.
 */
@Timeout(120)
class Kraken2FeedTest {
    private static final long START = 1_696_613_755_000_000_000L;
    private static final String SUBSCRIBED =
            "{\"method\":\"subscribe\",\"result\":{\"channel\":\"book\",\"depth\":10,\"snapshot\":true,"
                    + "\"symbol\":\"BTC/USD\"},\"success\":true,\"time_in\":\"2023-10-06T17:35:55.219022Z\","
                    + "\"time_out\":\"2023-10-06T17:35:55.219067Z\"}";

    /** The book and the checksum of the example in "Book checksum (WebSocket v2)". */
    private static final String DOCUMENTED_ASKS = "[{\"price\":45285.2,\"qty\":0.00100000},"
            + "{\"price\":45286.4,\"qty\":1.54571953},{\"price\":45286.6,\"qty\":1.54571109},"
            + "{\"price\":45289.6,\"qty\":1.54560911},{\"price\":45290.2,\"qty\":0.15890660},"
            + "{\"price\":45291.8,\"qty\":1.54553491},{\"price\":45294.7,\"qty\":0.04454749},"
            + "{\"price\":45296.1,\"qty\":0.35380000},{\"price\":45297.5,\"qty\":0.09945542},"
            + "{\"price\":45299.5,\"qty\":0.18772827}]";

    private static final String DOCUMENTED_BIDS = "[{\"price\":45283.5,\"qty\":0.10000000},"
            + "{\"price\":45283.4,\"qty\":1.54582015},{\"price\":45282.1,\"qty\":0.10000000},"
            + "{\"price\":45281.0,\"qty\":0.10000000},{\"price\":45280.3,\"qty\":1.54592586},"
            + "{\"price\":45279.0,\"qty\":0.07990000},{\"price\":45277.6,\"qty\":0.03310103},"
            + "{\"price\":45277.5,\"qty\":0.30000000},{\"price\":45277.3,\"qty\":1.54602737},"
            + "{\"price\":45276.6,\"qty\":0.15445238}]";

    private static final long DOCUMENTED_CHECKSUM = 3_310_070_434L;

    @Test
    void theChecksumIsThatOfTheDocumentation() {
        VenueMessage.BookSnapshot book = (VenueMessage.BookSnapshot)
                Kraken2Messages.parse(snapshot(DOCUMENTED_CHECKSUM)).get(0);
        BookKeeper keeper = new BookKeeper("BTC/USD", Exchange.BookRule.CHECKSUM, 10);
        assertThat(keeper.snapshot(book)).isEqualTo(BookKeeper.Outcome.APPLIED);
        assertThat(keeper.snapshot((VenueMessage.BookSnapshot)
                        Kraken2Messages.parse(snapshot(DOCUMENTED_CHECKSUM + 1)).get(0)))
                .isEqualTo(BookKeeper.Outcome.BROKEN);
    }

    @Test
    void deliversTradesWithTheirIdsAndTheBestOfTheBook() {
        OrderBook book = documentedBook();
        List<Level> change = List.of(new Level("45284.0", "0.50000000"));
        book.apply(change, List.of());
        List<String> frames = List.of(
                SUBSCRIBED,
                "{\"channel\":\"status\",\"type\":\"update\",\"data\":[{\"system\":\"online\"}]}",
                trades("snapshot", 100, 104),
                snapshot(DOCUMENTED_CHECKSUM),
                trades("update", 105, 106),
                update("45284.0", "0.50000000", book.checksum()),
                "{\"channel\":\"heartbeat\"}");
        try (FeedRun run = run(Map.of(), frames, FeedRun::nothing)) {
            run.heard.awaitTrades(2);
            run.heard.await("both quotes", heard -> heard.quoteCount.get() == 2);
            // What happened before the feed began only says where the ids are.
            assertThat(run.heard.trades().stream().map(Trade::sequence)).containsExactly(105L, 106L);
            assertThat(run.heard.trades().get(0).side()).isEqualTo(Side.SELL);
            assertThat(run.heard.quotes().get(1).bid()).isEqualTo(45_284.0);
            assertThat(run.heard.quotes().get(1).ask()).isEqualTo(45_285.2);
            assertThat(run.heard.gaps).isEmpty();
            assertThat(run.heard.refused).isEmpty();
            assertThat(run.server.heard)
                    .containsExactly(
                            "{\"method\":\"subscribe\",\"params\":{\"channel\":\"trade\",\"symbol\":[\"BTC/USD\"],"
                                    + "\"snapshot\":true}}",
                            "{\"method\":\"subscribe\",\"params\":{\"channel\":\"book\",\"symbol\":[\"BTC/USD\"],"
                                    + "\"depth\":10,\"snapshot\":true}}");
        }
    }

    @Test
    void aWrongChecksumBringsANewBookAndAMissingTradeComesFromRest() {
        List<String> frames = List.of(
                SUBSCRIBED,
                trades("snapshot", 100, 104),
                snapshot(DOCUMENTED_CHECKSUM),
                trades("update", 108, 108),
                update("45284.0", "0.50000000", 1));
        Function<String, Optional<String>> rest = path ->
                Optional.of("{\"error\":[],\"result\":{\"XXBTZUSD\":[" + restTrades(104, 108) + "],\"last\":\"1\"}}");
        try (FeedRun run = run(Map.of(), frames, rest)) {
            run.heard.awaitTrades(4);
            run.heard.await("subscribed again", heard -> run.server.heard.size() == 6);
            run.heard.await("the gap is whole", heard -> !heard.backfills.isEmpty());
            assertThat(run.heard.trades().stream().map(Trade::sequence)).containsExactly(108L, 105L, 106L, 107L);
            assertThat(run.heard.gaps).hasSize(2);
            assertThat(run.heard.gaps.get(0).missing()).isEqualTo(3);
            assertThat(run.heard.gaps.get(1).reason()).contains("checksum");
            assertThat(run.server.asked).allMatch(path -> path.startsWith("/0/public/Trades?pair=XBTUSD&since="));
        }
    }

    @Test
    void afterAReconnectTheSnapshotOfTradesFillsWhatWasMissed() {
        ExchangeServer.Script script = (client, connection, text) -> {
            if (client.first()) {
                client.send(SUBSCRIBED);
                if (connection == 1) {
                    client.send(List.of(trades("snapshot", 100, 104), trades("update", 105, 106)));
                    client.cutWithin(trades("update", 107, 107));
                } else {
                    client.send(List.of(trades("snapshot", 103, 109), trades("update", 110, 110)));
                }
            }
        };
        try (FeedRun run = new FeedRun("kraken-v2:BTC/USD", Map.of(), START, script, FeedRun::nothing)) {
            run.heard.awaitTrades(6);
            run.heard.await("the gap is whole", heard -> !heard.backfills.isEmpty());
            assertThat(run.heard.trades().stream().map(Trade::sequence))
                    .containsExactly(105L, 106L, 107L, 108L, 109L, 110L);
            assertThat(run.heard.backfills.get(0).whole()).isTrue();
        }
    }

    private static FeedRun run(
            Map<String, String> options, List<String> frames, Function<String, Optional<String>> rest) {
        return new FeedRun(
                "kraken-v2:BTC/USD",
                options,
                START,
                (client, connection, text) -> {
                    if (connection == 1 && client.first()) {
                        client.send(frames);
                    }
                },
                rest);
    }

    private static OrderBook documentedBook() {
        VenueMessage.BookSnapshot snapshot = (VenueMessage.BookSnapshot)
                Kraken2Messages.parse(snapshot(DOCUMENTED_CHECKSUM)).get(0);
        OrderBook book = new OrderBook(10);
        book.apply(snapshot.bids(), snapshot.asks());
        assertThat(book.checksum()).isEqualTo(DOCUMENTED_CHECKSUM);
        return book;
    }

    private static String snapshot(long checksum) {
        return "{\"channel\":\"book\",\"type\":\"snapshot\",\"data\":[{\"symbol\":\"BTC/USD\",\"bids\":"
                + DOCUMENTED_BIDS + ",\"asks\":" + DOCUMENTED_ASKS + ",\"checksum\":" + checksum + "}]}";
    }

    private static String update(String price, String size, long checksum) {
        return "{\"channel\":\"book\",\"type\":\"update\",\"data\":[{\"symbol\":\"BTC/USD\",\"bids\":[{\"price\":"
                + price
                + ",\"qty\":" + size + "}],\"asks\":[],\"checksum\":" + checksum
                + ",\"timestamp\":\"2023-10-06T17:35:55.440295Z\"}]}";
    }

    private static String trades(String type, long first, long last) {
        List<String> data = new ArrayList<>();
        for (long id = first; id <= last; id++) {
            data.add("{\"symbol\":\"BTC/USD\",\"side\":\"sell\",\"price\":45284.5,\"qty\":0.01000000,"
                    + "\"ord_type\":\"market\",\"trade_id\":" + id + ",\"timestamp\":\"2023-10-06T17:35:56." + id
                    + "000Z\"}");
        }
        return "{\"channel\":\"trade\",\"type\":\"" + type + "\",\"data\":[" + String.join(",", data) + "]}";
    }

    private static String restTrades(long first, long last) {
        List<String> data = new ArrayList<>();
        for (long id = first; id <= last; id++) {
            data.add("[\"45284.50000\",\"0.01000000\",1696613756." + id + "0001,\"s\",\"m\",\"\"," + id + "]");
        }
        return String.join(",", data);
    }
}
