package io.tsdash.transport;

import io.tsdash.distribution.Alert;
import io.tsdash.distribution.Channel;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.MarketChannels;
import io.tsdash.distribution.MessageCodec;
import io.tsdash.distribution.NewsItem;
import io.tsdash.distribution.PartState;
import io.tsdash.distribution.PartStatus;
import io.tsdash.distribution.Position;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.distribution.SnapshotReason;
import io.tsdash.distribution.StateChannel;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.model.Quote;
import io.tsdash.model.Trade;
import io.tsdash.testkit.ManualTimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A hub with small limits, run by the test, and what was put into its logs. */
final class SimulatedServer {
    private static final Interval MINUTE = Interval.of(Duration.ofMinutes(1));
    private static final long MINUTE_NANOS = 60_000_000_000L;
    private static final List<String> SYMBOLS = List.of("AA", "AB", "B", "TEST", "X:Y");

    final Hub hub;
    final Codecs codecs = new Codecs();
    private final MarketChannels market;
    private final Random random;
    private final List<Trade> recent = new ArrayList<>();
    private final Map<String, List<String>> logged = new HashMap<>();
    private long sequence;
    private long newsCount;

    SimulatedServer(Random random, ManualTimeSource time, String epoch) {
        this.random = random;
        hub = Hub.builder()
                .time(time)
                .epoch(epoch)
                .queueBytesMax(3_000)
                .frameBytesMax(700)
                .stall(Duration.ofSeconds(2))
                .heartbeat(Duration.ofSeconds(1))
                .updatesMax(64)
                .build();
        market = MarketChannels.builder(hub)
                .intervals(List.of(MINUTE))
                .barsKept(4)
                .tradesKept(16)
                .build();
    }

    /** All forms, each shared by all sessions. */
    static final class Codecs {
        final JsonCodec json = new JsonCodec(Protocol.JSON);
        final SseCodec sse = new SseCodec();
        private final Map<String, MessageCodec> byName = new HashMap<>();

        MessageCodec of(WireCodec form) {
            return byName.computeIfAbsent(form.subprotocol(), any -> form.encoder());
        }
    }

    void publish() throws InterruptedException {
        String symbol = SYMBOLS.get(random.nextInt(SYMBOLS.size()));
        switch (random.nextInt(10)) {
            case 0, 1, 2, 3 -> trade(symbol);
            case 4 ->
                market.events(
                        "feed",
                        List.of(new Quote(
                                symbol,
                                time(),
                                0,
                                sequence++,
                                random.nextInt(100),
                                random.nextBoolean() ? Double.NaN : random.nextInt(100),
                                1,
                                Double.NaN)));
            case 5, 6 -> market.bars(List.of(bar(symbol)));
            case 7 ->
                market.status(new PartStatus(
                        random.nextBoolean() ? "feed" : "store",
                        PartState.LIVE,
                        1,
                        random.nextBoolean() ? "" : "why",
                        random.nextInt(3),
                        0,
                        0,
                        0,
                        0,
                        random.nextInt(4) == 0));
            case 8 -> {
                market.news(new NewsItem(newsCount, "n" + newsCount, "", List.of(symbol)));
                logged.computeIfAbsent("news", any -> new ArrayList<>()).add("n" + newsCount);
                newsCount++;
            }
            default -> {
                market.alert(new Alert(newsCount, Alert.Severity.INFO, "c", "n" + newsCount));
                logged.computeIfAbsent("alerts", any -> new ArrayList<>()).add("n" + newsCount);
                newsCount++;
            }
        }
        work();
    }

    void work() {
        while (hub.doWork() > 0) {
            // Until nothing is left to do.
        }
    }

    /** What was put into a log, in order. */
    List<String> logged(String channel) {
        return logged.getOrDefault(channel, List.of());
    }

    /** The channels whose names begin so. */
    List<String> names(String prefix) {
        return ask(channels ->
                channels.withPrefix(prefix).stream().map(Channel::name).toList());
    }

    /** What a newcomer would be told of a channel. */
    ServerMessage.Snapshot snapshot(String channel) {
        byte[] bytes = ask(channels -> channels.find(channel)
                .map(found -> codecs.json.snapshot(found, SnapshotReason.SUBSCRIBED))
                .orElseThrow());
        return (ServerMessage.Snapshot) MessageReader.read(bytes).get(0);
    }

    long checksum(String channel) {
        return ask(channels -> channels.find(channel)
                .map(found -> ((StateChannel) found).checksum())
                .orElseThrow());
    }

    Position position(String channel) {
        return snapshot(channel).position();
    }

    /** The rows of a channel by key, so that their order does not count. */
    Map<String, Map<String, @Nullable Object>> rows(String channel) {
        ServerMessage.Snapshot snapshot = snapshot(channel);
        return byKey(snapshot.key(), snapshot.rows());
    }

    static Map<String, Map<String, @Nullable Object>> byKey(String key, List<Map<String, @Nullable Object>> rows) {
        Map<String, Map<String, @Nullable Object>> byKey = new TreeMap<>();
        rows.forEach(row -> byKey.put(String.valueOf(row.get(key)), row));
        return byKey;
    }

    private <T> T ask(java.util.function.Function<io.tsdash.distribution.Channels, T> question) {
        var answer = hub.ask(question);
        work();
        return answer.join();
    }

    private void trade(String symbol) throws InterruptedException {
        Trade trade;
        if (!recent.isEmpty() && random.nextInt(4) == 0) {
            Trade earlier = recent.get(recent.size() - 1 - random.nextInt(Math.min(4, recent.size())));
            trade = random.nextBoolean()
                    ? Trade.cancel(earlier.symbol(), earlier.eventTimeNanos(), earlier.sequence(), 0)
                    : earlier.correctedTo(random.nextInt(50), 2);
            recent.remove(earlier);
            if (!trade.cancelled()) {
                recent.add(trade);
            }
        } else {
            trade = Trade.of(symbol, time(), sequence++, random.nextInt(1000) / 8.0, 1 + random.nextInt(5));
            recent.add(trade);
        }
        String channel = "trades:" + trade.symbol();
        long before = names(channel).contains(channel) ? position(channel).sequence() : 0;
        market.events("feed", List.of(trade));
        work();
        if (position(channel).sequence() > before) {
            String version = trade.cancelled() ? "CANCELLED" : trade.version() == 0 ? "null" : "" + trade.version();
            logged.computeIfAbsent(channel, any -> new ArrayList<>()).add(trade.sequence() + "/" + version);
        }
    }

    private Bar bar(String symbol) {
        long open = MINUTE.openTimeNanos(MINUTE_NANOS * (sequence / 8) + random.nextInt(3) * MINUTE_NANOS);
        double price = random.nextInt(100);
        return new Bar(
                symbol,
                MINUTE,
                open,
                open + MINUTE_NANOS,
                price,
                price + 1,
                price,
                price,
                3,
                3 * price,
                random.nextInt(6),
                open,
                open,
                random.nextInt(2),
                BarState.OPEN);
    }

    private long time() {
        return 1_000_000_000L * sequence - random.nextInt(3) * 1_500_000_000L + 10_000_000_000L;
    }
}
