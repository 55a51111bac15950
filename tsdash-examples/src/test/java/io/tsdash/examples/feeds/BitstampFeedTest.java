package io.tsdash.examples.feeds;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.model.Quote;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Bitstamp, as recorded: its trades, and the changes of its books, which have the form of the books that the feed asks
 * for.
 */
@Timeout(120)
class BitstampFeedTest {
    private static final Capture CAPTURE = Capture.of("raw_ws_cryptofeed_BITSTAMP.ws.1.0.gz");
    private static final List<String> TRADES = CAPTURE.with("\"event\":\"trade\"");
    private static final Set<String> MARKETS = CAPTURE.with("live_trades_|diff_order_book_").stream()
            .map(frame -> Capture.text(frame, "channel").replaceAll("(live_trades|diff_order_book)_", ""))
            .collect(Collectors.toSet());

    @Test
    void deliversEveryTrade() {
        try (FeedRun run = run(Map.of(), frames(), FeedRun::nothing)) {
            run.heard.awaitTrades(TRADES.size());
            assertThat(TRADES).hasSize(10);
            assertThat(run.heard.trades().stream().map(Trade::sequence))
                    .containsExactlyElementsOf(TRADES.stream()
                            .map(frame -> Capture.number(frame, "id"))
                            .toList());
            assertThat(run.heard.trades().stream().map(Trade::eventTimeNanos))
                    .containsExactlyElementsOf(TRADES.stream()
                            .map(frame -> Capture.number(frame, "microtimestamp") * 1_000)
                            .toList());
            Trade first = run.heard.trades().get(0);
            assertThat(first.symbol()).isEqualTo("ETHUSD");
            assertThat(first.price()).isEqualTo(3_805.44);
            assertThat(first.volume()).isEqualTo(0.0792);
            assertThat(first.side()).isEqualTo(Side.BUY);
            assertThat(run.heard.gaps).isEmpty();
            assertThat(run.heard.refused).isEmpty();
            assertThat(run.server.heard)
                    .contains(
                            "{\"event\":\"bts:subscribe\",\"data\":{\"channel\":\"live_trades_ethusd\"}}",
                            "{\"event\":\"bts:subscribe\",\"data\":{\"channel\":\"order_book_ethusd\"}}");
        }
    }

    @Test
    void deliversTheBestOfEachBookInOrder() {
        List<String> books = frames().stream()
                .filter(frame -> frame.contains("order_book") && !frame.contains("succeeded"))
                .toList();
        assertThat(books).hasSize(717);
        long bothEmpty = books.stream()
                .filter(frame -> frame.contains("\"bids\":[],\"asks\":[]"))
                .count();
        try (FeedRun run = run(Map.of(), frames(), FeedRun::nothing)) {
            run.heard.await("all quotes", heard -> heard.quoteCount.get() + heard.refused.size() == books.size());
            assertThat(run.heard.refused).hasSize((int) bothEmpty);
            Map<String, Long> last = new HashMap<>();
            for (Quote quote : run.heard.quotes()) {
                Long before = last.put(quote.symbol(), quote.sequence());
                assertThat(quote.sequence()).isGreaterThanOrEqualTo(before == null ? 0 : before);
                assertThat(quote.eventTimeNanos()).isEqualTo(quote.sequence() * 1_000);
            }
        }
    }

    @Test
    void tradesOfATimeWithoutConnectionComeFromRestOnce() {
        ExchangeServer.Script script = (client, connection, text) -> {
            if (client.first()) {
                client.send(CAPTURE.with("succeeded").get(0));
                if (connection == 1) {
                    client.send(TRADES.subList(0, 3));
                    client.cutWithin(TRADES.get(3));
                } else {
                    client.send(TRADES.subList(8, 10));
                }
            }
        };
        Function<String, Optional<String>> rest = path -> Optional.of(TRADES.stream()
                .filter(frame ->
                        path.contains("/" + Capture.text(frame, "channel").substring("live_trades_".length())))
                .map(frame -> "{\"date\":\"" + Capture.number(frame, "timestamp") + "\",\"tid\":\""
                        + Capture.number(frame, "id") + "\",\"amount\":\"" + Capture.text(frame, "amount_str")
                        + "\",\"type\":\"" + Capture.number(frame, "type") + "\",\"price\":\""
                        + Capture.text(frame, "price_str") + "\"}")
                .collect(Collectors.joining(",", "[", "]")));
        try (FeedRun run = new FeedRun("bitstamp:ethusd,xrpeur", Map.of(), CAPTURE.startNanos(), script, rest)) {
            run.heard.awaitTrades(10);
            run.heard.await("both were asked for", heard -> heard.backfills.size() >= 2);
            Set<Long> ids = new HashSet<>(
                    TRADES.stream().map(frame -> Capture.number(frame, "id")).toList());
            assertThat(run.heard.trades().stream().map(Trade::sequence)).containsExactlyInAnyOrderElementsOf(ids);
            assertThat(run.heard.backfills).allMatch(backfill -> backfill.whole());
        }
    }

    @Test
    void aServerThatDoesNotAnswerHeartbeatsIsLeft() {
        try (FeedRun run = run(Map.of("idleTimeout", "0.3"), frames(), FeedRun::nothing)) {
            run.heard.awaitState("DOWN nothing came for");
            assertThat(run.server.heard).contains("{\"event\":\"bts:heartbeat\"}");
            run.heard.await("connected again", heard -> run.server.clients.size() >= 2);
        }
    }

    @Test
    void aServerThatAsksForItGetsANewConnection() {
        List<String> frames = List.of(
                CAPTURE.with("succeeded").get(0),
                "{\"event\":\"bts:request_reconnect\",\"channel\":\"\",\"data\":\"\"}");
        try (FeedRun run = run(Map.of(), frames, FeedRun::nothing)) {
            run.heard.awaitState("DOWN a new connection is due");
            run.heard.await("connected again", heard -> run.server.clients.size() >= 2);
        }
    }

    /** Returns the capture as if the whole books had been asked for. */
    private static List<String> frames() {
        return CAPTURE.frames().stream()
                .map(frame -> frame.replace("diff_order_book_", "order_book_"))
                .toList();
    }

    private static FeedRun run(
            Map<String, String> options, List<String> frames, Function<String, Optional<String>> rest) {
        return new FeedRun(
                "bitstamp:" + String.join(",", MARKETS),
                options,
                CAPTURE.startNanos(),
                (client, connection, text) -> {
                    if (connection == 1 && client.first()) {
                        client.send(frames);
                    }
                },
                rest);
    }
}
