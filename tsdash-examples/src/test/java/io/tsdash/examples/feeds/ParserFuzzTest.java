package io.tsdash.examples.feeds;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.error.InvalidInputException;
import io.tsdash.examples.feeds.Exchange.BookRule;
import io.tsdash.examples.feeds.VenueMessage.BookDelta;
import io.tsdash.examples.feeds.VenueMessage.BookSnapshot;
import io.tsdash.examples.feeds.VenueMessage.Quoted;
import io.tsdash.examples.feeds.VenueMessage.Traded;
import io.tsdash.model.Quote;
import io.tsdash.model.Trade;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Frames that were damaged in all kinds of ways: a parser refuses them, or reads something that the model takes. */
class ParserFuzzTest {
    private static final int FRAMES = 6_000;
    private static final int LENGTH_MAX = 5_000;
    private static final List<String> TOKENS = List.of(
            "-1",
            "1e99",
            "9223372036854775808",
            "NaN",
            "null",
            "true",
            "{}",
            "[]",
            "\"\"",
            "0",
            "1E+400",
            "\"-5\"",
            "99999999999999999999999999999999",
            "\"2262-04-12T00:00:00Z\"",
            "\"+1000000-01-01T00:00:00Z\"",
            "\u0000",
            "[[[[[[[[[[[[[[[[[[[[",
            "\uD800");

    static Stream<Arguments> parsers() {
        return Stream.of(
                Arguments.of(
                        "coinbase",
                        (Function<String, List<VenueMessage>>) CoinbaseMessages::parse,
                        samples("raw_ws_cryptofeed_COINBASE.ws.28.0.gz")),
                Arguments.of(
                        "coinbase REST",
                        rest(CoinbaseMessages::parseTrades),
                        List.of("[{\"trade_id\":5,\"side\":\"sell\",\"size\":\"0.1\",\"price\":\"2.5\","
                                + "\"time\":\"2021-04-17T16:43:30.244075Z\"}]")),
                Arguments.of(
                        "binance spot",
                        (Function<String, List<VenueMessage>>) BinanceMessages::parse,
                        samples("raw_ws_binance_spot_btcusdt_20240808.gz")),
                Arguments.of(
                        "binance usdm",
                        (Function<String, List<VenueMessage>>) BinanceMessages::parse,
                        samples("raw_ws_cryptofeed_BINANCE_FUTURES.ws.1.0.gz")),
                Arguments.of(
                        "binance REST",
                        rest(BinanceMessages::parseTrades),
                        List.of(
                                "[{\"id\":5,\"price\":\"1.5\",\"qty\":\"2\",\"time\":1626992741037,"
                                        + "\"isBuyerMaker\":true}]",
                                "[{\"a\":5,\"p\":\"1.5\",\"q\":\"2\",\"f\":1,\"l\":2,\"T\":1626992741037,"
                                        + "\"m\":true}]")),
                Arguments.of(
                        "binance book",
                        (Function<String, List<VenueMessage>>)
                                body -> List.of(BinanceMessages.parseBook("BTCUSDT", body)),
                        List.of("{\"lastUpdateId\":5,\"E\":6,\"T\":7,\"bids\":[[\"1.5\",\"2\"]],"
                                + "\"asks\":[[\"1.6\",\"2\"]]}")),
                Arguments.of(
                        "kraken books",
                        (Function<String, List<VenueMessage>>) KrakenMessages::parse,
                        samples("raw_ws_cryptofeed_KRAKEN.ws.50.0.gz")),
                Arguments.of(
                        "kraken trades",
                        (Function<String, List<VenueMessage>>) KrakenMessages::parse,
                        samples("raw_ws_cryptofeed_KRAKEN.ws.48.0.gz")),
                Arguments.of(
                        "kraken REST",
                        rest(KrakenMessages::parseTrades),
                        List.of("{\"error\":[],\"result\":{\"XXBTZUSD\":[[\"1.5\",\"2\",1618678142.5575351,\"s\","
                                + "\"l\",\"\",77]],\"last\":\"1618678142557535100\"}}")),
                Arguments.of(
                        "kraken v2",
                        (Function<String, List<VenueMessage>>) Kraken2Messages::parse,
                        List.of(
                                "{\"channel\":\"trade\",\"type\":\"update\",\"data\":[{\"symbol\":\"BTC/USD\","
                                        + "\"side\":\"sell\",\"price\":45284.5,\"qty\":0.01,\"trade_id\":7,"
                                        + "\"timestamp\":\"2023-10-06T17:35:56.000001Z\"}]}",
                                "{\"channel\":\"book\",\"type\":\"update\",\"data\":[{\"symbol\":\"BTC/USD\","
                                        + "\"bids\":[{\"price\":1.5,\"qty\":2}],\"asks\":[],\"checksum\":5,"
                                        + "\"timestamp\":\"2023-10-06T17:35:55.440295Z\"}]}",
                                "{\"method\":\"subscribe\",\"success\":false,\"error\":\"no\"}")),
                Arguments.of(
                        "bitstamp",
                        (Function<String, List<VenueMessage>>) BitstampMessages::parse,
                        samples("raw_ws_cryptofeed_BITSTAMP.ws.1.0.gz").stream()
                                .map(frame -> frame.replace("diff_order_book_", "order_book_"))
                                .toList()),
                Arguments.of(
                        "bitstamp REST",
                        rest(BitstampMessages::parseTrades),
                        List.of("[{\"date\":\"1641343699\",\"tid\":\"5\",\"amount\":\"1\",\"type\":\"0\","
                                + "\"price\":\"2.5\"}]")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("parsers")
    void aDamagedFrameIsRefusedOrTaken(String name, Function<String, List<VenueMessage>> parser, List<String> samples) {
        SplittableRandom random = new SplittableRandom(42);
        int refused = 0;
        for (int i = 0; i < FRAMES; i++) {
            String frame = damaged(random, samples);
            try {
                parser.apply(frame).forEach(ParserFuzzTest::mustBeTaken);
            } catch (InvalidInputException e) {
                refused++;
            } catch (RuntimeException e) {
                throw new AssertionError("frame " + i + " of " + name + " broke the parser: " + frame, e);
            }
        }
        assertThat(refused).isBetween(FRAMES / 10, FRAMES - 1);
    }

    private static void mustBeTaken(VenueMessage message) {
        if (message instanceof Traded trade) {
            Trade taken = new Trade(
                    "BTC",
                    trade.eventNanos(),
                    0,
                    trade.id(),
                    trade.price(),
                    trade.volume(),
                    trade.side(),
                    trade.regular(),
                    trade.regular(),
                    0);
            assertThat(taken.sequence()).isNotNegative();
        } else if (message instanceof Quoted quote) {
            assertThat(new Quote(
                            "BTC",
                            Math.max(0, quote.eventNanos()),
                            0,
                            quote.sequence(),
                            quote.bid(),
                            quote.ask(),
                            quote.bidSize(),
                            quote.askSize()))
                    .isNotNull();
        } else if (message instanceof BookSnapshot snapshot) {
            BookKeeper keeper = new BookKeeper("BTC", BookRule.NONE, 10);
            keeper.snapshot(snapshot);
            keeper.changedQuote().ifPresent(ParserFuzzTest::mustBeTaken);
        } else if (message instanceof BookDelta delta) {
            BookKeeper keeper = new BookKeeper("BTC", BookRule.NONE, 10);
            keeper.snapshot(new BookSnapshot("BTC", 0, 0, List.of(), List.of(), 0));
            keeper.delta(delta);
            keeper.changedQuote().ifPresent(ParserFuzzTest::mustBeTaken);
        }
    }

    private static String damaged(SplittableRandom random, List<String> samples) {
        StringBuilder frame = new StringBuilder(samples.get(random.nextInt(samples.size())));
        for (int times = random.nextInt(4); times >= 0 && !frame.isEmpty(); times--) {
            int at = random.nextInt(frame.length());
            int to = Math.min(frame.length(), at + 1 + random.nextInt(12));
            switch (random.nextInt(7)) {
                case 0 -> frame.setCharAt(at, (char) random.nextInt(256));
                case 1 -> frame.delete(at, to);
                case 2 -> frame.insert(at, frame.substring(at, to));
                case 3 -> frame.setLength(at);
                case 4 -> frame.insert(at, TOKENS.get(random.nextInt(TOKENS.size())));
                case 5 -> replaceValue(frame, at, TOKENS.get(random.nextInt(TOKENS.size())));
                default -> {
                    String other = samples.get(random.nextInt(samples.size()));
                    frame.replace(at, to, other.substring(random.nextInt(other.length())));
                }
            }
        }
        return frame.toString();
    }

    /** Puts a token in the place of the value after the next colon. */
    private static void replaceValue(StringBuilder frame, int at, String token) {
        int colon = frame.indexOf(":", at);
        if (colon < 0) {
            return;
        }
        int end = colon + 1;
        while (end < frame.length() && ",}]".indexOf(frame.charAt(end)) < 0) {
            end++;
        }
        frame.replace(colon + 1, end, token);
    }

    private static Function<String, List<VenueMessage>> rest(BiFunction<String, String, List<Traded>> parser) {
        return body -> List.copyOf(parser.apply("BTC", body));
    }

    private static List<String> samples(String file) {
        List<String> shorter = Capture.of(file).frames().stream()
                .filter(frame -> frame.length() < LENGTH_MAX)
                .toList();
        return Stream.iterate(0, i -> i < shorter.size(), i -> i + Math.max(1, shorter.size() / 400))
                .map(shorter::get)
                .toList();
    }
}
