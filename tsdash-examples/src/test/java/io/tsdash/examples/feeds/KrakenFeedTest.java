package io.tsdash.examples.feeds;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.examples.feeds.VenueMessage.BookDelta;
import io.tsdash.examples.feeds.VenueMessage.BookSnapshot;
import io.tsdash.examples.feeds.VenueMessage.Level;
import io.tsdash.model.Quote;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Kraken's WebSocket v1, as recorded: 4,269 changes of books, each with Kraken's own checksum. */
@Timeout(120)
class KrakenFeedTest {
    private static final Capture BOOKS = Capture.of("raw_ws_cryptofeed_KRAKEN.ws.50.0.gz");
    private static final Capture TRADES = Capture.of("raw_ws_cryptofeed_KRAKEN.ws.48.0.gz");
    private static final Capture ALL = BOOKS.and(TRADES);
    private static final String PAIRS =
            "WAVES/EUR,XMR/USD,KSM/XBT,GRT/ETH,SC/EUR,ETH/CHF,OCEAN/XBT,OMG/USD,XBT/CHF,ADA/XBT";

    @Test
    void everyChecksumHolds() {
        Map<String, BookKeeper> books = new HashMap<>();
        int checked = 0;
        for (String frame : BOOKS.frames()) {
            for (VenueMessage message : KrakenMessages.parse(frame)) {
                if (message instanceof BookSnapshot snapshot) {
                    books.computeIfAbsent(snapshot.symbol(), KrakenFeedTest::keeper)
                            .snapshot(snapshot);
                } else if (message instanceof BookDelta delta) {
                    assertThat(delta.checksum()).isNotEqualTo(VenueMessage.NONE);
                    assertThat(Objects.requireNonNull(books.get(delta.symbol())).delta(delta))
                            .isEqualTo(BookKeeper.Outcome.APPLIED);
                    checked++;
                }
            }
        }
        assertThat(checked).isEqualTo(4_269);
    }

    @Test
    void deliversTradesAndTheBestOfEachBook() {
        try (FeedRun run = run(Map.of("depth", "1000"), ALL.frames(), FeedRun::nothing)) {
            run.heard.awaitTrades(10);
            run.heard.await("the best of each book", heard -> bestOfAll().equals(newest(heard)));
            assertThat(run.heard.gaps).isEmpty();
            assertThat(run.heard.refused).isEmpty();
            Trade first = run.heard.trades().get(0);
            assertThat(first.symbol()).isEqualTo("XMR/USD");
            assertThat(first.eventTimeNanos()).isEqualTo(1_618_678_142_557_535_000L);
            assertThat(first.price()).isEqualTo(354.11);
            assertThat(first.volume()).isEqualTo(0.89594024);
            assertThat(first.side()).isEqualTo(Side.SELL);
            assertThat(run.heard.trades().stream().map(Trade::sequence)).doesNotHaveDuplicates();
            assertThat(run.server.heard.get(1)).contains("\"name\":\"book\",\"depth\":1000");
        }
    }

    @Test
    void aChangeThatIsMissingFailsTheChecksumAndBringsANewBook() {
        // The exchange's own books, for whoever subscribes again.
        Map<String, OrderBook> books = new ConcurrentHashMap<>();
        List<String> sent = new ArrayList<>(BOOKS.frames());
        String removed = sent.stream()
                .filter(frame -> frame.contains("XMR/USD") && frame.contains("\"c\":"))
                .skip(500)
                .findFirst()
                .orElseThrow();
        int position = sent.indexOf(removed);
        ExchangeServer.Script script = (client, connection, text) -> {
            if (text.contains("\"subscribe\"") && text.contains("book")) {
                if (text.contains("WAVES/EUR")) {
                    for (int i = 0; i < sent.size(); i++) {
                        KrakenMessages.parse(sent.get(i)).forEach(message -> apply(books, message));
                        if (i != position) {
                            client.send(sent.get(i));
                        }
                    }
                } else {
                    client.send(snapshot(Objects.requireNonNull(books.get("XMR/USD")), "XMR/USD"));
                }
            }
        };
        try (FeedRun run =
                new FeedRun("kraken:" + PAIRS, Map.of("depth", "1000"), BOOKS.startNanos(), script, FeedRun::nothing)) {
            run.heard.await("the best of each book", heard -> bestOfAll().equals(newest(heard)));
            assertThat(run.heard.gaps).hasSize(1);
            assertThat(run.heard.gaps.get(0).stream()).isEqualTo("XMR/USD book");
            assertThat(run.heard.gaps.get(0).reason()).contains("checksum");
            assertThat(run.server.heard.stream().filter(text -> text.contains("unsubscribe")))
                    .hasSize(2)
                    .allMatch(text -> text.contains("XMR/USD"));
        }
    }

    @Test
    void garbageIsRefusedAndTheBooksStayRight() {
        List<String> frames = new ArrayList<>();
        for (int i = 0; i < BOOKS.frames().size(); i++) {
            frames.add(BOOKS.frames().get(i));
            if (i % 100 == 99) {
                frames.add("[1664,{\"b\":[[\"x\",\"1\",\"2\"]],\"c\":\"1\"},\"book-1000\",\"WAVES/EUR\"]");
            }
        }
        try (FeedRun run = run(Map.of("depth", "1000"), frames, FeedRun::nothing)) {
            run.heard.await("the best of each book", heard -> bestOfAll().equals(newest(heard)));
            run.heard.await(
                    "all refusals",
                    heard -> heard.refused.size() == BOOKS.frames().size() / 100);
            assertThat(run.heard.gaps).isEmpty();
        }
    }

    @Test
    void tradesOfATimeWithoutConnectionComeFromRestOnce() {
        List<String> trades = TRADES.with("\"trade\",\"[A-Z]+/");
        ExchangeServer.Script script = (client, connection, text) -> {
            if (client.first()) {
                client.send(TRADES.with("subscriptionStatus"));
                if (connection == 1) {
                    client.send(trades.subList(0, 3));
                    client.cutWithin(trades.get(3));
                } else {
                    client.send(trades.get(trades.size() - 1));
                }
            }
        };
        // Kraken's REST tells more digits, and knows all of them.
        Function<String, Optional<String>> rest = path -> {
            String pair = path.replaceAll(".*pair=([A-Z]+).*", "$1");
            List<String> ofPair = trades.stream()
                    .filter(frame -> frame.replace("/", "").contains("\"" + pair + "\""))
                    .map(frame -> frame.replaceAll("^\\[\\d+,\\[(.*)],\"trade\".*", "$1"))
                    .map(list ->
                            list.replaceAll("\"(\\d{10}\\.\\d{6})\"", "$1789").replace("\"\"]", "\"\",77]"))
                    .toList();
            return Optional.of("{\"error\":[],\"result\":{\"X\":[" + String.join(",", ofPair) + "],\"last\":\"1\"}}");
        };
        try (FeedRun run = new FeedRun("kraken:" + PAIRS, Map.of(), TRADES.startNanos(), script, rest)) {
            run.heard.awaitTrades(10);
            run.heard.await("all pairs were asked for", heard -> heard.backfills.size() >= 10);
            assertThat(run.heard.trades()).hasSize(10);
            assertThat(run.heard.trades().stream().map(trade -> trade.symbol() + trade.sequence()))
                    .doesNotHaveDuplicates();
            assertThat(run.heard.gaps).hasSize(10).allMatch(gap -> gap.reason().contains("not connected for"));
            assertThat(run.heard.backfills).allMatch(backfill -> backfill.whole());
        }
    }

    @Test
    void heartbeatsThatStopEndTheConnection() {
        try (FeedRun run = run(Map.of("idleTimeout", "0.3", "depth", "1000"), ALL.frames(), FeedRun::nothing)) {
            run.heard.awaitState("DOWN nothing came for");
            run.heard.await("connected again", heard -> run.server.clients.size() >= 2);
        }
    }

    @Test
    void aPairThatTheExchangeDoesNotKnowIsToldAndTheOthersGoOn() {
        List<String> frames = new ArrayList<>(TRADES.frames());
        frames.add(
                0,
                "{\"errorMessage\":\"Currency pair not supported NO/NE\",\"event\":\"subscriptionStatus\","
                        + "\"pair\":\"NO/NE\",\"status\":\"error\",\"subscription\":{\"name\":\"trade\"}}");
        try (FeedRun run = new FeedRun(
                "kraken:NO/NE," + PAIRS,
                Map.of(),
                TRADES.startNanos(),
                (client, connection, text) -> {
                    if (client.first()) {
                        client.send(frames);
                    }
                },
                FeedRun::nothing)) {
            run.heard.awaitTrades(10);
            assertThat(run.heard.refused).hasSize(1);
            assertThat(run.heard.states.get(1)).startsWith("LIVE").contains("Currency pair not supported NO/NE");
        }
    }

    private static FeedRun run(
            Map<String, String> options, List<String> frames, Function<String, Optional<String>> rest) {
        return new FeedRun(
                "kraken:" + PAIRS,
                options,
                BOOKS.startNanos(),
                (client, connection, text) -> {
                    if (connection == 1 && text.contains("\"book\"")) {
                        client.send(frames);
                    }
                },
                rest);
    }

    private static BookKeeper keeper(String symbol) {
        return new BookKeeper(symbol, Exchange.BookRule.CHECKSUM, 1_000);
    }

    private static void apply(Map<String, OrderBook> books, VenueMessage message) {
        if (message instanceof BookSnapshot snapshot) {
            OrderBook book = new OrderBook(1_000);
            book.apply(snapshot.bids(), snapshot.asks());
            books.put(snapshot.symbol(), book);
        } else if (message instanceof BookDelta delta) {
            Objects.requireNonNull(books.get(delta.symbol())).apply(delta.bids(), delta.asks());
        }
    }

    private static String snapshot(OrderBook book, String pair) {
        return "[992,{\"as\":" + levels(book.bestAsk()) + ",\"bs\":" + levels(book.bestBid()) + "},\"book-1000\",\""
                + pair + "\"]";
    }

    private static String levels(Optional<Level> level) {
        return level.stream()
                .map(each -> "[\"" + each.price() + "\",\"" + each.size() + "\",\"1618678160.000000\"]")
                .collect(Collectors.joining(",", "[", "]"));
    }

    /** Returns bid and ask of each pair at the end of the capture, by a book that checks nothing. */
    private static Map<String, List<Double>> bestOfAll() {
        Map<String, OrderBook> books = new HashMap<>();
        BOOKS.frames().stream()
                .flatMap(frame -> KrakenMessages.parse(frame).stream())
                .forEach(message -> apply(books, message));
        Map<String, List<Double>> best = new HashMap<>();
        books.forEach((pair, book) -> best.put(
                pair,
                Stream.of(book.bestBid(), book.bestAsk())
                        .map(level -> level.orElseThrow().priceValue())
                        .toList()));
        return best;
    }

    private static Map<String, List<Double>> newest(Heard heard) {
        Map<String, List<Double>> newest = new HashMap<>();
        for (Quote quote : heard.quotes()) {
            newest.put(quote.symbol(), List.of(quote.bid(), quote.ask()));
        }
        return newest;
    }
}
