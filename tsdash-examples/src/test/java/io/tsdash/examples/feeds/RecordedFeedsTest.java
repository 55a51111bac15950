package io.tsdash.examples.feeds;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.model.Trade;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Five ways in which a recording may come, the same for each exchange that there is one of; the trades that come out are
 * held to the numbers in the recording's own frames, read here by patterns.
 */
@Timeout(120)
class RecordedFeedsTest {
    private static final String GARBAGE = "{\"what\":";
    private static final Pattern KRAKEN_TIME = Pattern.compile("\"(\\d{10})\\.(\\d{6})\"");

    /**
     * A recording.
     *
     * @param feed as a user writes it
     * @param greeting what the exchange says first on each connection
     * @param trades frames with trades
     * @param recorded the trades of a frame as the recording has them: the symbol, a space, and what tells it from others
     * @param delivered the same of a trade that came out
     * @param consecutive whether what tells trades apart is a number, each one more than the one before
     */
    private record Venue(
            String feed,
            Map<String, String> options,
            Capture capture,
            List<String> greeting,
            List<String> trades,
            Function<String, Stream<String>> recorded,
            Function<Trade, String> delivered,
            boolean consecutive) {

        List<String> recorded(List<String> frames) {
            return frames.stream().flatMap(recorded).toList();
        }

        List<String> delivered(Heard heard) {
            return heard.trades().stream().map(delivered).toList();
        }

        FeedRun run(Map<String, String> more, ExchangeServer.Script script) {
            Map<String, String> all = new HashMap<>(options);
            all.putAll(more);
            return new FeedRun(feed, all, capture.startNanos(), script, FeedRun::nothing);
        }

        /** Sends the same on each connection. */
        FeedRun run(List<String> frames) {
            return run(Map.of(), (client, connection, text) -> {
                if (client.first()) {
                    client.send(greeting);
                    client.send(frames);
                }
            });
        }

        @Override
        public String toString() {
            return feed;
        }
    }

    static Stream<Venue> venues() {
        Capture coinbase = Capture.of("raw_ws_cryptofeed_COINBASE.ws.28.0.gz");
        Capture spot = Capture.of("raw_ws_binance_spot_btcusdt_20240808.gz");
        Capture usdm = Capture.of("raw_ws_binance_usdm_btcusdt_20240808.gz");
        Capture four = Capture.of("raw_ws_cryptofeed_BINANCE_FUTURES.ws.1.0.gz");
        Capture kraken = Capture.of("raw_ws_cryptofeed_KRAKEN.ws.48.0.gz");
        Capture bitstamp = Capture.of("raw_ws_cryptofeed_BITSTAMP.ws.1.0.gz");
        List<String> binance = List.of("{\"result\":null,\"id\":1}");
        return Stream.of(
                new Venue(
                        "coinbase:SKL-USD,SKL-BTC,BAND-GBP,NMR-EUR,BAND-BTC,YFI-BTC,DASH-BTC,NU-GBP,CRV-EUR,SKL-GBP",
                        Map.of(),
                        coinbase,
                        coinbase.with("\"type\":\"subscriptions\""),
                        coinbase.with("\"type\":\"match\""),
                        frame -> Stream.of(Capture.text(frame, "product_id") + " " + Capture.number(frame, "trade_id")),
                        RecordedFeedsTest::bySequence,
                        true),
                new Venue(
                        "binance:btcusdt",
                        Map.of(),
                        spot,
                        binance,
                        spot.with("@trade\""),
                        frame -> Stream.of(Capture.text(frame, "s") + " " + Capture.number(frame, "t")),
                        RecordedFeedsTest::bySequence,
                        true),
                new Venue(
                        "binance-usdm:btcusdt",
                        Map.of("trades", "trade"),
                        usdm,
                        binance,
                        usdm.with("@trade\""),
                        frame -> Stream.of(Capture.text(frame, "s") + " " + Capture.number(frame, "t")),
                        RecordedFeedsTest::bySequence,
                        true),
                new Venue(
                        "binance-usdm:sushiusdt,akrousdt,keepusdt,ctkusdt",
                        Map.of(),
                        four,
                        binance,
                        four.with("@aggTrade\""),
                        frame -> Stream.of(Capture.text(frame, "s") + " " + Capture.number(frame, "a")),
                        RecordedFeedsTest::bySequence,
                        true),
                new Venue(
                        "kraken:WAVES/EUR,XMR/USD,KSM/XBT,GRT/ETH,SC/EUR,ETH/CHF,OCEAN/XBT,OMG/USD,XBT/CHF,ADA/XBT",
                        Map.of(),
                        kraken,
                        kraken.with("\"event\":\"(systemStatus|subscriptionStatus)\""),
                        kraken.with("\"trade\",\"[A-Z]+/"),
                        RecordedFeedsTest::krakenTrades,
                        trade -> trade.symbol() + " " + trade.eventTimeNanos() / 1_000,
                        false),
                new Venue(
                        "bitstamp:ethusd,xrpeur",
                        Map.of(),
                        bitstamp,
                        bitstamp.with("subscription_succeeded"),
                        bitstamp.with("\"event\":\"trade\""),
                        frame -> Stream.of(Capture.text(frame, "channel")
                                        .substring("live_trades_".length())
                                        .toUpperCase(Locale.ROOT)
                                + " " + Capture.number(frame, "id")),
                        RecordedFeedsTest::bySequence,
                        false));
    }

    @ParameterizedTest
    @MethodSource("venues")
    void whole(Venue venue) {
        try (FeedRun run = venue.run(venue.trades)) {
            come(venue, run, venue.trades);
            assertThat(run.heard.gaps).isEmpty();
            assertThat(run.heard.refused).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("venues")
    void withFramesRemoved(Venue venue) {
        int every = Math.max(3, venue.trades.size() / 50);
        List<String> kept = without(venue.trades, i -> i % every == 1);
        List<String> gaps = venue.consecutive ? gaps(venue.recorded(kept)) : List.of();
        try (FeedRun run = venue.run(kept)) {
            come(venue, run, kept);
            assertThat(kept).hasSizeLessThan(venue.trades.size());
            assertThat(gaps.isEmpty()).isEqualTo(!venue.consecutive);
            assertThat(run.heard.gaps.stream()
                            .map(gap -> gap.stream() + " " + gap.afterSequence() + "-" + gap.nextSequence()))
                    .isEqualTo(gaps);
        }
    }

    @ParameterizedTest
    @MethodSource("venues")
    void cutInTheMiddleOfAFrame(Venue venue) {
        List<String> trades = venue.trades;
        int middle = trades.size() / 2;
        ExchangeServer.Script script = (client, connection, text) -> {
            if (client.first()) {
                client.send(venue.greeting);
                if (connection == 1) {
                    client.send(trades.subList(0, middle));
                    client.cutWithin(trades.get(middle));
                } else {
                    client.send(trades.subList(middle - 2, trades.size())); // some again
                }
            }
        };
        try (FeedRun run = venue.run(Map.of(), script)) {
            come(venue, run, trades);
            assertThat(run.heard.states).anyMatch(state -> state.startsWith("DOWN"));
            assertThat(run.server.clients).hasSizeGreaterThan(1);
            assertThat(run.heard.refused).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("venues")
    void withGarbage(Venue venue) {
        int every = Math.max(2, venue.trades.size() / 50);
        List<String> frames = new ArrayList<>();
        int garbage = 0;
        for (int i = 0; i < venue.trades.size(); i++) {
            if (i % every == 1) {
                String frame = venue.trades.get(i);
                frames.add(garbage % 2 == 0 ? GARBAGE : frame.substring(0, frame.length() / 2));
                garbage++;
            }
            frames.add(venue.trades.get(i));
        }
        int refused = garbage;
        try (FeedRun run = venue.run(frames)) {
            come(venue, run, venue.trades);
            run.heard.await("each is refused", heard -> heard.refused.size() == refused);
            assertThat(run.heard.gaps).isEmpty();
            assertThat(run.heard.states).noneMatch(state -> state.startsWith("DOWN"));
        }
    }

    @ParameterizedTest
    @MethodSource("venues")
    void withHeartbeatsThatStop(Venue venue) {
        int half = venue.trades.size() / 2;
        ExchangeServer.Script script = (client, connection, text) -> {
            if (client.first()) {
                client.send(venue.greeting);
                client.send(connection == 1 ? venue.trades.subList(0, half) : venue.trades);
                if (connection == 1) {
                    client.freeze();
                }
            }
        };
        try (FeedRun run = venue.run(Map.of("idleTimeout", "1"), script)) {
            run.heard.awaitState("DOWN nothing came for");
            come(venue, run, venue.trades);
            assertThat(run.heard.refused).isEmpty();
        }
    }

    /** Each once, and in the order of the recording. */
    private static void come(Venue venue, FeedRun run, List<String> frames) {
        List<String> recorded = venue.recorded(frames);
        run.heard.awaitTrades(recorded.size());
        assertThat(venue.delivered(run.heard)).isEqualTo(recorded);
    }

    private static List<String> without(List<String> frames, IntPredicate left) {
        List<String> kept = new ArrayList<>();
        for (int i = 0; i < frames.size(); i++) {
            if (!left.test(i)) {
                kept.add(frames.get(i));
            }
        }
        return kept;
    }

    /** Returns the gaps that the numbers show, in the order in which they show. */
    private static List<String> gaps(List<String> recorded) {
        Map<String, Long> last = new HashMap<>();
        List<String> gaps = new ArrayList<>();
        for (String trade : recorded) {
            String symbol = trade.substring(0, trade.indexOf(' '));
            long id = Long.parseLong(trade.substring(symbol.length() + 1));
            Long before = last.put(symbol, id);
            if (before != null && id != before + 1) {
                gaps.add(symbol + " " + before + "-" + id);
            }
        }
        return gaps;
    }

    private static String bySequence(Trade trade) {
        return trade.symbol() + " " + trade.sequence();
    }

    /** Kraken's v1 has no ids, and several trades in a frame: what tells them apart is their time, in microseconds. */
    private static Stream<String> krakenTrades(String frame) {
        String pair = frame.replaceAll(".*\"([^\"]+)\"]$", "$1");
        return KRAKEN_TIME.matcher(frame).results().map(time -> pair + " " + time.group(1) + time.group(2));
    }
}
