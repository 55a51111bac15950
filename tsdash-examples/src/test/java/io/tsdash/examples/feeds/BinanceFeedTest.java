package io.tsdash.examples.feeds;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.aggregation.BarAggregator;
import io.tsdash.examples.RecordedData;
import io.tsdash.examples.feeds.VenueMessage.BookDelta;
import io.tsdash.examples.feeds.VenueMessage.BookSnapshot;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Quote;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Binance spot and USD-M, as recorded. */
@Timeout(120)
class BinanceFeedTest {
    private static final Capture SPOT = Capture.of("raw_ws_binance_spot_btcusdt_20240808.gz");
    private static final Capture USDM = Capture.of("raw_ws_binance_usdm_btcusdt_20240808.gz");
    private static final Capture FOUR = Capture.of("raw_ws_cryptofeed_BINANCE_FUTURES.ws.1.0.gz");
    private static final String SUBSCRIBED = "{\"result\":null,\"id\":1}";

    @Test
    void deliversEveryTradeAndQuoteOfSpot() {
        List<String> trades = SPOT.with("@trade\"");
        List<String> quotes = SPOT.with("@bookTicker\"");
        try (FeedRun run =
                run("binance:btcusdt", Map.of(), SPOT, SPOT.with("@trade\"|@bookTicker\""), FeedRun::nothing)) {
            run.heard.awaitTrades(trades.size());
            run.heard.await("all quotes", heard -> heard.quoteCount.get() == quotes.size());
            assertThat(trades).hasSize(9_757);
            assertThat(ids(run.heard.trades())).isEqualTo(ids(trades, "t")).doesNotHaveDuplicates();
            assertThat(run.heard.gaps).isEmpty();
            assertThat(run.heard.refused).isEmpty();
            Trade first = run.heard.trades().get(0);
            assertThat(first)
                    .isEqualTo(new Trade(
                            "BTCUSDT",
                            1_723_161_255_342_000_000L,
                            first.receiveTimeNanos(),
                            3_735_683_259L,
                            61_837.63,
                            0.02,
                            Side.SELL,
                            true,
                            true,
                            0));
            assertThat(run.server.heard)
                    .containsExactly(
                            "{\"method\":\"SUBSCRIBE\",\"params\":[\"btcusdt@trade\",\"btcusdt@bookTicker\"],\"id\":1}");
        }
    }

    @Test
    void deliversEveryTradeAndQuoteOfUsdm() {
        List<String> trades = USDM.with("@trade\"");
        List<String> quotes = USDM.with("@bookTicker\"");
        try (FeedRun run = run(
                "binance-usdm:btcusdt",
                Map.of("trades", "trade"),
                USDM,
                USDM.with("@trade\"|@bookTicker\""),
                FeedRun::nothing)) {
            run.heard.awaitTrades(trades.size());
            run.heard.await("all quotes", heard -> heard.quoteCount.get() == quotes.size());
            assertThat(trades).hasSize(21_313);
            assertThat(ids(run.heard.trades())).isEqualTo(ids(trades, "t"));
            assertThat(run.heard.gaps).isEmpty();
            assertThat(run.heard.refused).isEmpty();
        }
    }

    @Test
    void deliversAggregatedTradesOfSeveralSymbols() {
        List<String> trades = FOUR.with("@aggTrade\"");
        List<String> quotes = FOUR.with("@bookTicker\"");
        try (FeedRun run = run(
                "binance-usdm:sushiusdt,akrousdt,keepusdt,ctkusdt",
                Map.of(),
                FOUR,
                FOUR.with("@aggTrade\"|@bookTicker\""),
                FeedRun::nothing)) {
            run.heard.awaitTrades(trades.size());
            run.heard.await("all quotes", heard -> heard.quoteCount.get() == quotes.size());
            assertThat(ids(run.heard.trades())).isEqualTo(ids(trades, "a"));
            assertThat(run.heard.gaps).isEmpty();
        }
    }

    @Test
    void theBookOfSpotShowsTheQuotesThatTheTickerShows() {
        showsTheQuotesOfTheTicker(SPOT, "binance:btcusdt", 3_451);
    }

    @Test
    void theBookOfUsdmShowsTheQuotesThatTheTickerShows() {
        showsTheQuotesOfTheTicker(USDM, "binance-usdm:btcusdt", 6_551);
    }

    @Test
    void chainsOfFourBooksHold() {
        List<String> depth = FOUR.with("@depth");
        List<VenueMessage> parsed = new ArrayList<>();
        depth.forEach(frame -> parsed.addAll(BinanceMessages.parse(frame)));
        Map<String, BookKeeper> books = new TreeMap<>();
        for (VenueMessage message : parsed) {
            BookDelta delta = (BookDelta) message;
            BookKeeper book = books.computeIfAbsent(delta.symbol(), symbol -> {
                BookKeeper made = new BookKeeper(symbol, Exchange.BookRule.NAMES_PREVIOUS, 0);
                made.snapshot(new BookSnapshot(symbol, 0, delta.previousId(), List.of(), List.of(), VenueMessage.NONE));
                return made;
            });
            assertThat(book.delta(delta)).isEqualTo(BookKeeper.Outcome.APPLIED);
        }
        assertThat(books).hasSize(4);
        assertThat(depth).hasSize(764);
    }

    /** The ticker is the oracle: after the change u the best of the book is the last quote up to u. */
    private static void showsTheQuotesOfTheTicker(Capture capture, String feed, int changes) {
        List<String> depth = capture.with("@depth");
        assertThat(depth).hasSize(changes);
        String snapshot = capture.with("^\\{\"lastUpdateId\"").get(0);
        TreeMap<Long, List<Double>> ticker = new TreeMap<>();
        for (String frame : capture.with("@bookTicker\"")) {
            VenueMessage.Quoted quote =
                    (VenueMessage.Quoted) BinanceMessages.parse(frame).get(0);
            ticker.put(quote.sequence(), values(quote.bid(), quote.ask(), quote.bidSize(), quote.askSize()));
        }
        long lastShown = lastQuote(depth, snapshot);
        try (FeedRun run = run(feed, Map.of("quotes", "depth"), capture, depth, path -> Optional.of(snapshot))) {
            run.heard.await("all changes", heard -> heard.newestQuote("BTCUSDT") >= lastShown);
            assertThat(run.heard.gaps).isEmpty();
            assertThat(run.heard.refused).isEmpty();
            int compared = 0;
            for (Quote quote : run.heard.quotes()) {
                Map.Entry<Long, List<Double>> shown = ticker.floorEntry(quote.sequence());
                if (shown != null) {
                    compared++;
                    assertThat(values(quote.bid(), quote.ask(), quote.bidSize(), quote.askSize()))
                            .as("after change %d", quote.sequence())
                            .isEqualTo(shown.getValue());
                }
            }
            assertThat(compared).isGreaterThan(1_000);
        }
    }

    /** Returns the last change of the book that changes its best. */
    private static long lastQuote(List<String> depth, String snapshot) {
        BookKeeper book = new BookKeeper(
                "BTCUSDT",
                depth.get(0).contains("\"pu\"") ? Exchange.BookRule.NAMES_PREVIOUS : Exchange.BookRule.NEXT_FOLLOWS,
                0);
        long last = 0;
        for (String frame : depth) {
            book.delta((BookDelta) BinanceMessages.parse(frame).get(0));
            if (!book.valid()) {
                book.snapshot(BinanceMessages.parseBook("BTCUSDT", snapshot));
            }
            last = book.changedQuote().map(quote -> quote.sequence()).orElse(last);
        }
        assertThat(last).isPositive();
        return last;
    }

    @Test
    void missingTradesAreGapsAndComeLateFromRest() {
        List<String> all = SPOT.with("@trade\"").subList(0, 3_000);
        Set<Long> left = new HashSet<>();
        List<String> sent = without(all, left);
        List<String> implied = gaps(ids(sent, "t"));
        try (FeedRun run = run("binance:btcusdt", Map.of(), SPOT, sent, path -> trades(path, all))) {
            run.heard.awaitTrades(all.size());
            run.heard.await("all is filled", heard -> heard.backfills.size() == implied.size());
            assertThat(run.heard.gaps.stream().map(gap -> gap.afterSequence() + "-" + gap.nextSequence()))
                    .isEqualTo(implied);
            assertThat(run.heard.backfills).allMatch(backfill -> backfill.whole());
            assertThat(run.heard.backfills.stream()
                            .mapToLong(backfill -> backfill.delivered())
                            .sum())
                    .isEqualTo(left.size());
            List<Long> ids = new ArrayList<>(ids(run.heard.trades()));
            assertThat(ids).doesNotHaveDuplicates();
            ids.sort(null);
            assertThat(ids).isEqualTo(ids(all, "t"));
            assertThat(run.server.asked).allMatch(path -> path.startsWith("/api/v3/historicalTrades?symbol=BTCUSDT"));
        }
    }

    @Test
    void barsGoByTheExchangesTimeAndAreTheRecordedOnesAlthoughTradesCameLate() throws IOException {
        List<String> all = SPOT.with("@trade\"");
        Set<Long> left = new HashSet<>();
        List<String> sent = without(all, left);
        Map<Long, Bar> bars = new TreeMap<>();
        try (FeedRun run = run("binance:btcusdt", Map.of(), SPOT, sent, path -> trades(path, all));
                BarAggregator aggregator = BarAggregator.builder(bar -> bars.put(bar.openTimeNanos(), bar))
                        .intervals(Interval.parse("1m"))
                        .lateness(Duration.ofMinutes(10))
                        .aheadMax(Duration.ofMinutes(10)) // the capture is played in seconds
                        .build()) {
            run.heard.awaitTrades(all.size());
            run.heard.trades().forEach(aggregator::add);
        }
        List<String> recorded = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(
                        Files.newInputStream(RecordedData.file("binance_bars_1m_COMPUTED_20240808.csv.gz"))),
                StandardCharsets.UTF_8))) {
            lines.lines()
                    .map(line -> line.split(",", -1))
                    .filter(row -> row[1].equals("BTCUSDT.BINANCE"))
                    .forEach(row -> recorded.add(String.join(
                            " ",
                            row[0],
                            number(row[3]),
                            number(row[4]),
                            number(row[5]),
                            number(row[6]),
                            number(row[7]),
                            row[8])));
        }
        assertThat(recorded).hasSizeGreaterThan(4);
        assertThat(bars.values().stream()
                        .map(bar -> bar.openTimeNanos() + " " + bar.open() + " " + bar.high() + " " + bar.low() + " "
                                + bar.close() + " " + bar.volume() + " " + bar.tradeCount()))
                .isEqualTo(recorded);
    }

    private static String number(String decimal) {
        return String.valueOf(Double.parseDouble(decimal));
    }

    @Test
    void gapsStayWhereRestDoesNotHaveTheTrades() {
        List<String> all = SPOT.with("@trade\"").subList(0, 1_000);
        Set<Long> left = new HashSet<>();
        List<String> sent = without(all, left);
        List<String> implied = gaps(ids(sent, "t"));
        try (FeedRun run = run("binance:btcusdt", Map.of(), SPOT, sent, FeedRun::nothing)) {
            run.heard.await("all is given up", heard -> heard.backfills.size() == implied.size());
            run.heard.awaitTrades(sent.size());
            assertThat(run.heard.gaps.stream().map(gap -> gap.afterSequence() + "-" + gap.nextSequence()))
                    .isEqualTo(implied);
            assertThat(run.heard.backfills.stream()
                            .mapToLong(backfill -> backfill.missing())
                            .sum())
                    .isEqualTo(left.size());
            assertThat(run.heard.backfills)
                    .allMatch(backfill -> backfill.reason().contains("status 404"));
            assertThat(ids(run.heard.trades())).isEqualTo(ids(sent, "t"));
        }
    }

    @Test
    void aBrokenChainOfTheBookIsAGapAndABookIsAskedForAgain() {
        List<String> depth = SPOT.with("@depth").subList(0, 600);
        String removed = depth.get(300);
        // The exchange's own book, as far as it has sent changes.
        OrderBook book = new OrderBook(0);
        BookSnapshot first = BinanceMessages.parseBook(
                "BTCUSDT", SPOT.with("^\\{\"lastUpdateId\"").get(0));
        book.apply(first.bids(), first.asks());
        AtomicReference<String> later = new AtomicReference<>("");
        long bookId = Capture.number(depth.get(500), "u");
        for (String frame : depth.subList(0, 501)) {
            BookDelta delta = (BookDelta) BinanceMessages.parse(frame).get(0);
            if (delta.lastId() > first.lastId()) {
                book.apply(delta.bids(), delta.asks());
            }
        }
        later.set("{\"lastUpdateId\":" + bookId + ",\"bids\":[[\""
                + book.bestBid().orElseThrow().price() + "\",\""
                + book.bestBid().orElseThrow().size() + "\"]],\"asks\":[[\""
                + book.bestAsk().orElseThrow().price()
                + "\",\"" + book.bestAsk().orElseThrow().size() + "\"]]}");
        List<String> sent = new ArrayList<>(depth);
        sent.remove(removed);
        List<String> snapshots =
                new ArrayList<>(List.of(SPOT.with("^\\{\"lastUpdateId\"").get(0)));
        try (FeedRun run = run("binance:btcusdt", Map.of("quotes", "depth"), SPOT, sent, path -> {
            synchronized (snapshots) {
                // The second time it first gives one that is too old.
                snapshots.add(snapshots.size() < 2 ? snapshots.get(0) : later.get());
                return Optional.of(snapshots.get(snapshots.size() - 1));
            }
        })) {
            run.heard.await(
                    "quotes of the new book",
                    heard -> heard.quotes().stream().anyMatch(quote -> quote.sequence() >= bookId));
            assertThat(run.heard.gaps).hasSize(1);
            assertThat(run.heard.gaps.get(0).stream()).isEqualTo("BTCUSDT book");
            assertThat(run.heard.gaps.get(0).afterSequence()).isEqualTo(Capture.number(depth.get(299), "u"));
            assertThat(run.heard.gaps.get(0).nextSequence()).isEqualTo(Capture.number(depth.get(301), "U"));
            assertThat(run.heard.quotes())
                    .noneMatch(quote ->
                            quote.sequence() > Capture.number(depth.get(299), "u") && quote.sequence() < bookId);
        }
    }

    @Test
    void aCutWithinAFrameLosesAndDoublesNothing() {
        List<String> all = SPOT.with("@trade\"").subList(0, 2_000);
        ExchangeServer.Script script = (client, connection, text) -> {
            client.send(SUBSCRIBED);
            if (connection == 1) {
                client.send(all.subList(0, 700));
                client.cutWithin(all.get(700));
            } else {
                client.send(all.subList(900, 2_000)); // what happened meanwhile is not sent again
            }
        };
        try (FeedRun run =
                new FeedRun("binance:btcusdt", Map.of(), SPOT.startNanos(), script, path -> trades(path, all))) {
            run.heard.awaitTrades(all.size());
            List<Long> ids = new ArrayList<>(ids(run.heard.trades()));
            assertThat(ids).doesNotHaveDuplicates();
            ids.sort(null);
            assertThat(ids).isEqualTo(ids(all, "t"));
            assertThat(run.heard.gaps).isNotEmpty();
            assertThat(run.heard.states.get(0)).startsWith("CONNECTING");
            assertThat(run.heard.states.get(1)).startsWith("LIVE");
            assertThat(run.heard.states.get(2)).startsWith("DOWN").contains("the next try is in");
            assertThat(run.server.heard).hasSizeGreaterThanOrEqualTo(2); // subscribed again
            assertThat(run.heard.refused).isEmpty();
        }
    }

    /** Frames left out, sent twice, late or as garbage, and connections that are cut, all at random. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void whateverHappensEachTradeComesOnce(long seed) {
        List<String> all = SPOT.with("@trade\"").subList(0, 1_500);
        SplittableRandom random = new SplittableRandom(seed);
        AtomicInteger position = new AtomicInteger(); // of the connections' threads, one after another
        AtomicInteger garbage = new AtomicInteger();
        ExchangeServer.Script script = (client, connection, text) -> {
            client.send(SUBSCRIBED);
            int end =
                    connection < 4 ? Math.min(all.size() - 2, position.get() + 100 + random.nextInt(300)) : all.size();
            while (position.get() < end) {
                int i = position.getAndIncrement();
                boolean last = i == all.size() - 1;
                switch (last ? 9 : random.nextInt(40)) {
                    case 0 -> {
                        // left out
                    }
                    case 1 -> client.send(List.of(all.get(i), all.get(i)));
                    case 2 -> client.send(List.of(all.get(i + 1), all.get(i)));
                    case 3 -> {
                        garbage.incrementAndGet();
                        client.send(all.get(i).substring(0, all.get(i).length() - 1 - random.nextInt(60)));
                    }
                    case 4 -> client.send(all.get(Math.max(0, i - random.nextInt(200))));
                    default -> client.send(all.get(i));
                }
            }
            if (connection < 4) {
                client.cutWithin(all.get(end));
                position.addAndGet(Math.min(random.nextInt(50), all.size() - 2 - position.get()));
            }
        };
        try (FeedRun run =
                new FeedRun("binance:btcusdt", Map.of(), SPOT.startNanos(), script, path -> trades(path, all))) {
            run.heard.await(
                    "the last trade",
                    heard -> heard.trades().stream()
                            .anyMatch(trade -> trade.sequence() == Capture.number(all.get(all.size() - 1), "t")));
            // Where the very first frames were left out, the feed began after them.
            long first = run.heard.trades().get(0).sequence();
            List<Long> expected =
                    ids(all, "t").stream().filter(id -> id >= first).toList();
            run.heard.awaitTrades(expected.size());
            List<Long> ids = new ArrayList<>(ids(run.heard.trades()));
            ids.sort(null);
            assertThat(ids).isEqualTo(expected);
            assertThat(run.heard.refused).hasSizeLessThanOrEqualTo(garbage.get());
            run.heard.await("each gap is whole", heard -> heard.backfills.size() == heard.gaps.size());
            assertThat(run.heard.backfills).allMatch(backfill -> backfill.whole());
        }
    }

    @Test
    void tradesMissedByAQuietSymbolAreFoundAfterAReconnect() {
        List<String> all = SPOT.with("@trade\"").subList(0, 100);
        ExchangeServer.Script script = (client, connection, text) -> {
            client.send(SUBSCRIBED);
            if (connection == 1) {
                client.send(all.subList(0, 50));
                client.cutWithin(all.get(50));
            }
        };
        try (FeedRun run =
                new FeedRun("binance:btcusdt", Map.of(), SPOT.startNanos(), script, path -> trades(path, all))) {
            run.heard.awaitTrades(all.size());
            run.heard.await(
                    "the gap is whole", heard -> heard.backfills.stream().anyMatch(each -> each.whole()));
            assertThat(ids(run.heard.trades())).isEqualTo(ids(all, "t"));
            assertThat(run.heard.gaps).hasSize(1);
        }
    }

    @Test
    void measuresThatTheReceiversClockIsBehind() {
        // The receiver's clock is more than 20 s behind.
        Capture behind = new Capture(SPOT.startNanos() - 20_000_000_000L, SPOT.frames());
        try (FeedRun run =
                run("binance:btcusdt", Map.of(), behind, SPOT.with("@trade\"").subList(0, 50), FeedRun::nothing)) {
            run.heard.awaitTrades(50);
            run.heard.await(
                    "a measure of all",
                    heard -> heard.skews.stream().anyMatch(skew -> Math.abs(skew - smallestLag(heard)) <= 50_000_000));
            assertThat(smallestLag(run.heard)).isNegative();
        }
    }

    private static long smallestLag(Heard heard) {
        return heard.trades().stream()
                .mapToLong(trade -> trade.receiveTimeNanos() - trade.eventTimeNanos())
                .min()
                .orElseThrow();
    }

    private static FeedRun run(
            String feed,
            Map<String, String> options,
            Capture capture,
            List<String> frames,
            Function<String, Optional<String>> rest) {
        return new FeedRun(
                feed,
                options,
                capture.startNanos(),
                (client, connection, text) -> {
                    if (connection == 1 && text.contains("\"SUBSCRIBE\"")) {
                        client.send(SUBSCRIBED);
                        client.send(frames);
                    }
                },
                rest);
    }

    /** Leaves out frames here and there, never the first or the last. */
    private static List<String> without(List<String> frames, Set<Long> left) {
        SplittableRandom random = new SplittableRandom(7);
        List<String> kept = new ArrayList<>();
        for (int i = 0; i < frames.size(); i++) {
            if (i > 0 && i < frames.size() - 1 && random.nextInt(100) < 3) {
                left.add(Capture.number(frames.get(i), "t"));
            } else {
                kept.add(frames.get(i));
            }
        }
        return kept;
    }

    /** Returns the gaps that a list of ids shows. */
    static List<String> gaps(List<Long> ids) {
        List<String> gaps = new ArrayList<>();
        for (int i = 1; i < ids.size(); i++) {
            if (ids.get(i) != ids.get(i - 1) + 1) {
                gaps.add(ids.get(i - 1) + "-" + ids.get(i));
            }
        }
        return gaps;
    }

    /** Answers as Binance does: from an id on, a thousand at most. */
    private static Optional<String> trades(String path, List<String> frames) {
        Matcher from = Pattern.compile("fromId=(\\d+)").matcher(path);
        long first = from.find() ? Long.parseLong(from.group(1)) : 0;
        return Optional.of(frames.stream()
                .filter(frame -> Capture.number(frame, "t") >= first)
                .limit(1_000)
                .map(frame -> "{\"id\":" + Capture.number(frame, "t") + ",\"price\":\"" + Capture.text(frame, "p")
                        + "\",\"qty\":\"" + Capture.text(frame, "q") + "\",\"time\":" + Capture.number(frame, "T")
                        + ",\"isBuyerMaker\":" + Capture.text(frame, "m") + ",\"isBestMatch\":true}")
                .collect(Collectors.joining(",", "[", "]")));
    }

    private static List<Long> ids(List<String> frames, String field) {
        return frames.stream().map(frame -> Capture.number(frame, field)).toList();
    }

    private static List<Long> ids(List<Trade> trades) {
        return trades.stream().map(Trade::sequence).toList();
    }

    private static List<Double> values(double... values) {
        return Arrays.stream(values).boxed().toList();
    }
}
