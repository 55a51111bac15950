package io.tsdash.examples.feeds;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Coinbase Exchange, as recorded. */
@Timeout(120)
class CoinbaseFeedTest {
    private static final Capture CAPTURE = Capture.of("raw_ws_cryptofeed_COINBASE.ws.28.0.gz");
    private static final String PRODUCTS =
            "SKL-USD,SKL-BTC,BAND-GBP,NMR-EUR,BAND-BTC,YFI-BTC,DASH-BTC,NU-GBP,CRV-EUR,SKL-GBP";
    private static final String WANTED = "\"type\":\"(subscriptions|match|last_match|ticker)\"";

    @Test
    void deliversEveryTradeAndQuote() {
        List<String> matches = CAPTURE.with("\"type\":\"match\"");
        assertThat(matches).hasSize(97);
        try (FeedRun run = run(Map.of(), CAPTURE.with(WANTED), FeedRun::nothing)) {
            run.heard.awaitTrades(97);
            run.heard.await("107 quotes", heard -> heard.quoteCount.get() == 107);
            assertThat(identities(run.heard.trades())).isEqualTo(frameIdentities(matches));
            assertThat(run.heard.gaps).isEmpty();
            assertThat(run.heard.refused).isEmpty();
            // The taker of the match has the other side than the order in the book.
            String first = matches.get(0);
            assertThat(run.heard.trades().get(0).side())
                    .isEqualTo(Capture.text(first, "side").equals("buy") ? Side.SELL : Side.BUY);
            assertThat(run.server.heard.get(0))
                    .contains("\"channels\":[\"matches\",\"heartbeat\",\"ticker\"]", "\"SKL-USD\"");
        }
    }

    @Test
    void deliversTheBestOfTheBookIfAskedTo() {
        List<String> updates = CAPTURE.with("\"type\":\"l2update\"");
        assertThat(updates).hasSize(9_719);
        List<String> frames = CAPTURE.with("\"type\":\"(subscriptions|match|last_match|snapshot|l2update)\"");
        Map<String, OrderBook> books = new HashMap<>();
        for (VenueMessage message : CAPTURE.with("\"type\":\"(snapshot|l2update)\"").stream()
                .flatMap(frame -> CoinbaseMessages.parse(frame).stream())
                .toList()) {
            if (message instanceof VenueMessage.BookSnapshot book) {
                books.computeIfAbsent(book.symbol(), symbol -> new OrderBook(0)).apply(book.bids(), book.asks());
            } else if (message instanceof VenueMessage.BookDelta delta) {
                Objects.requireNonNull(books.get(delta.symbol())).apply(delta.bids(), delta.asks());
            }
        }
        try (FeedRun run = run(Map.of("quotes", "level2"), frames, FeedRun::nothing)) {
            run.heard.awaitTrades(97);
            run.heard.await(
                    "the last quotes",
                    heard -> books.entrySet().stream()
                            .allMatch(book -> heard.quotes().stream()
                                    .filter(quote -> quote.symbol().equals(book.getKey()))
                                    .reduce((one, other) -> other)
                                    .map(quote -> quote.bid()
                                                    == book.getValue()
                                                            .bestBid()
                                                            .orElseThrow()
                                                            .priceValue()
                                            && quote.ask()
                                                    == book.getValue()
                                                            .bestAsk()
                                                            .orElseThrow()
                                                            .priceValue())
                                    .orElse(false)));
            assertThat(run.heard.gaps).isEmpty();
            assertThat(run.heard.quotes()).allMatch(quote -> quote.bid() < quote.ask());
        }
    }

    @Test
    void missingTradesAreGapsAndComeLateFromRest() {
        List<String> kept = new ArrayList<>();
        List<String> left = new ArrayList<>();
        int match = 0;
        for (String frame : CAPTURE.with(WANTED)) {
            boolean isMatch = frame.contains("\"type\":\"match\"");
            // Among them two in a row, and the first of a product.
            boolean leave = isMatch && (match % 10 == 3 || match % 10 == 4) && !lastOfItsProduct(frame);
            match += isMatch ? 1 : 0;
            (leave ? left : kept).add(frame);
        }
        assertThat(left).hasSizeGreaterThan(10);
        List<String> implied = implied(kept);
        List<String> all = CAPTURE.with("\"type\":\"(match|last_match)\"");
        try (FeedRun run = run(Map.of(), kept, path -> page(path, all, 5))) {
            run.heard.awaitTrades(97);
            run.heard.await("all is filled", heard -> heard.backfills.size() == implied.size());
            assertThat(run.heard.gaps.stream()
                            .map(gap -> gap.stream() + " " + gap.afterSequence() + "-" + gap.nextSequence()))
                    .isEqualTo(implied);
            assertThat(run.heard.backfills).allMatch(backfill -> backfill.whole());
            assertThat(identities(run.heard.trades()))
                    .containsExactlyInAnyOrderElementsOf(frameIdentities(CAPTURE.with("\"type\":\"match\"")));
        }
    }

    @Test
    void missingTradesStayGapsWithoutRest() {
        List<String> frames = CAPTURE.with(WANTED).stream()
                .filter(frame -> !frame.contains("\"type\":\"match\"")
                        || lastOfItsProduct(frame)
                        || Capture.number(frame, "trade_id") % 3 != 0)
                .toList();
        List<String> implied = implied(frames);
        assertThat(implied).hasSizeGreaterThan(5);
        try (FeedRun run = run(Map.of(), frames, FeedRun::nothing)) {
            run.heard.await("all is given up", heard -> heard.backfills.size() == implied.size());
            assertThat(run.heard.gaps.stream()
                            .map(gap -> gap.stream() + " " + gap.afterSequence() + "-" + gap.nextSequence()))
                    .isEqualTo(implied);
            assertThat(run.heard.backfills).allMatch(backfill -> backfill.missing() > 0);
            long missing = run.heard.backfills.stream()
                    .mapToLong(backfill -> backfill.missing())
                    .sum();
            assertThat(run.heard.tradeCount.get() + missing).isEqualTo(97);
        }
    }

    @Test
    void aHeartbeatTellsOfTradesThatNeverCame() {
        List<String> all = CAPTURE.with("\"type\":\"(match|last_match)\"").stream()
                .filter(frame -> frame.contains("SKL-USD"))
                .toList();
        long lastId = Capture.number(all.get(all.size() - 1), "trade_id");
        String beat = "{\"type\":\"heartbeat\",\"sequence\":1,\"last_trade_id\":" + lastId
                + ",\"product_id\":\"SKL-USD\",\"time\":\"2021-04-17T16:43:37.077000Z\"}";
        // Only the first came; the heartbeats know the last.
        List<String> frames = List.of(all.get(0), beat, beat);
        try (FeedRun run = run("SKL-USD", Map.of(), frames, path -> page(path, all, 1_000))) {
            run.heard.awaitTrades(all.size() - 1);
            run.heard.await("the gap is whole", heard -> !heard.backfills.isEmpty());
            assertThat(run.heard.gaps).hasSize(1);
            assertThat(run.heard.gaps.get(0).afterSequence()).isEqualTo(Capture.number(all.get(0), "trade_id"));
            assertThat(run.heard.gaps.get(0).nextSequence()).isEqualTo(lastId + 1);
        }
    }

    @Test
    void refusesGarbageAndLosesNothingElse() {
        List<String> frames = new ArrayList<>();
        List<String> garbage = List.of(
                "",
                "{",
                "[]",
                "null",
                "\u0000",
                "{\"type\":\"match\"}",
                "{\"type\":\"surprise\"}",
                "x".repeat(100_000));
        int next = 0;
        for (String frame : CAPTURE.with(WANTED)) {
            frames.add(frame);
            if (frame.contains("\"type\":\"match\"")) {
                frames.add(garbage.get(next++ % garbage.size()));
            }
        }
        try (FeedRun run = run(Map.of(), frames, FeedRun::nothing)) {
            run.heard.awaitTrades(97);
            run.heard.await("97 refusals", heard -> heard.refused.size() == 97);
            assertThat(run.heard.gaps).isEmpty();
            assertThat(run.heard.states.stream().filter(state -> state.startsWith("DOWN")))
                    .isEmpty();
        }
    }

    @Test
    void aBookThatProvesNothingIsMadeAnewAfterGarbage() {
        List<String> frames = new ArrayList<>(CAPTURE.with("\"type\":\"(subscriptions|snapshot|l2update)\"").stream()
                .filter(frame -> !frame.contains("product_id") || frame.contains("\"product_id\":\"SKL-USD\""))
                .filter(frame -> !frame.contains("subscriptions") || !frame.contains("matches"))
                .toList());
        frames.add("garbage");
        try (FeedRun run = run("SKL-USD", Map.of("quotes", "level2_batch"), frames, FeedRun::nothing)) {
            run.heard.await("a gap", heard -> !heard.gaps.isEmpty());
            assertThat(run.heard.gaps.get(0).stream()).isEqualTo("SKL-USD book");
            run.heard.await("subscribed again", heard -> run.server.heard.size() >= 3);
            assertThat(run.server.heard.get(1)).contains("unsubscribe", "SKL-USD", "level2_batch");
        }
    }

    @Test
    void silenceOfTheHeartbeatsEndsTheConnectionAndMakesANewOne() {
        try (FeedRun run = run(Map.of("idleTimeout", "1.5"), CAPTURE.with(WANTED), FeedRun::nothing)) {
            run.heard.awaitTrades(97);
            run.heard.awaitState("DOWN nothing came for");
            run.heard.await("connected again", heard -> run.server.clients.size() >= 2);
        }
    }

    @Test
    void aSilentSymbolIsNamedAndAskedForAgain() {
        String silent = "SKL-BTC";
        List<String> beats = List.of(
                "{\"type\":\"subscriptions\",\"channels\":[]}",
                "{\"type\":\"heartbeat\",\"sequence\":1,\"last_trade_id\":5,\"product_id\":\"SKL-USD\","
                        + "\"time\":\"2021-04-17T16:43:37.077000Z\"}");
        ExchangeServer.Script script = (client, connection, text) -> client.send(beats);
        try (FeedRun run = new FeedRun(
                "coinbase:SKL-USD," + silent,
                Map.of("symbolTimeout", "0.3"),
                CAPTURE.startNanos(),
                script,
                FeedRun::nothing)) {
            run.heard.await(
                    "the silent one is named",
                    heard -> heard.states.stream()
                            .anyMatch(state ->
                                    state.startsWith("LIVE") && state.contains("silent:") && state.contains(silent)));
            run.heard.await(
                    "asked for again",
                    heard -> run.server.heard.stream()
                            .anyMatch(text -> text.contains("unsubscribe") && text.contains(silent)));
        }
    }

    private static FeedRun run(
            Map<String, String> options, List<String> frames, Function<String, Optional<String>> rest) {
        return run(PRODUCTS, options, frames, rest);
    }

    private static FeedRun run(
            String products,
            Map<String, String> options,
            List<String> frames,
            Function<String, Optional<String>> rest) {
        return new FeedRun(
                "coinbase:" + products,
                options,
                CAPTURE.startNanos(),
                (client, connection, text) -> {
                    if (connection == 1 && text.contains("\"subscribe\"") && client.first()) {
                        client.send(frames);
                    }
                },
                rest);
    }

    private static boolean lastOfItsProduct(String frame) {
        String product = Capture.text(frame, "product_id");
        List<String> all = CAPTURE.with("\"type\":\"match\"").stream()
                .filter(each -> Capture.text(each, "product_id").equals(product))
                .toList();
        return all.get(all.size() - 1).equals(frame);
    }

    /** Returns the gaps that the ids in these frames show. */
    private static List<String> implied(List<String> frames) {
        Map<String, Long> last = new HashMap<>();
        List<String> gaps = new ArrayList<>();
        for (String frame : frames) {
            if (frame.contains("match\"")) {
                String product = Capture.text(frame, "product_id");
                long id = Capture.number(frame, "trade_id");
                Long before = last.put(product, id);
                if (before != null && id > before + 1) {
                    gaps.add(product + " " + before + "-" + id);
                }
            }
        }
        return gaps;
    }

    /** Answers as Coinbase does: the newest first, those older than "after". */
    private static Optional<String> page(String path, List<String> frames, int limit) {
        Matcher asked = Pattern.compile("/products/([^/]+)/trades\\?limit=1000(?:&after=(\\d+))?")
                .matcher(path);
        if (!asked.matches()) {
            return Optional.empty();
        }
        long before = asked.group(2) == null ? Long.MAX_VALUE : Long.parseLong(asked.group(2));
        List<String> page = new ArrayList<>(frames.stream()
                .filter(frame -> Capture.text(frame, "product_id").equals(asked.group(1)))
                .filter(frame -> Capture.number(frame, "trade_id") < before)
                .toList());
        Collections.reverse(page);
        return Optional.of(page.stream()
                .limit(limit)
                .map(frame -> "{\"trade_id\":" + Capture.number(frame, "trade_id") + ",\"side\":\""
                        + Capture.text(frame, "side") + "\",\"size\":\"" + Capture.text(frame, "size")
                        + "\",\"price\":\"" + Capture.text(frame, "price") + "\",\"time\":\""
                        + frame.replaceAll(".*\"time\":\"([^\"]+)\".*", "$1") + "\"}")
                .collect(Collectors.joining(",", "[", "]")));
    }

    private static List<String> identities(List<Trade> trades) {
        return trades.stream()
                .map(trade -> trade.symbol() + " " + trade.sequence() + " " + trade.eventTimeNanos() + " "
                        + trade.price() + " " + trade.volume())
                .toList();
    }

    private static List<String> frameIdentities(List<String> frames) {
        return frames.stream()
                .map(frame -> Capture.text(frame, "product_id") + " " + Capture.number(frame, "trade_id") + " "
                        + Decimals.isoToNanos(frame.replaceAll(".*\"time\":\"([^\"]+)\".*", "$1")) + " "
                        + Double.parseDouble(Capture.text(frame, "price")) + " "
                        + Double.parseDouble(Capture.text(frame, "size")))
                .toList();
    }
}
