package io.tsdash.transport;

import io.tsdash.distribution.Alert;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.MarketChannels;
import io.tsdash.distribution.NewsItem;
import io.tsdash.error.TransientException;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.model.Quote;
import io.tsdash.model.Trade;
import io.tsdash.relay.RelayListener;
import io.tsdash.relay.RelayNode;
import io.tsdash.relay.RelaySettings;
import io.tsdash.relay.RelaySteps;
import io.tsdash.relay.StandbyFeed;
import io.tsdash.source.Backfill;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.Feed;
import io.tsdash.source.FeedListener;
import io.tsdash.source.Gap;
import io.tsdash.source.Refused;
import io.tsdash.testkit.ManualTimeSource;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A server of several, whose threads and feed the test is. */
final class SimulatedNode {
    static final Interval MINUTE = Interval.of(Duration.ofMinutes(1));

    final Hub hub;
    final SimulatedServer.Codecs codecs = new SimulatedServer.Codecs();
    final SimulatedLog.Way log;
    private final RelayNode node;
    private final StandbyFeed standby;
    private final TestFeed feed = new TestFeed();
    private final int tradesKept;
    private @Nullable Hub source;
    private @Nullable MarketChannels market;
    private Runnable whileClosing = () -> {};
    boolean gone;

    SimulatedNode(String name, SimulatedLog shared, ManualTimeSource time, int tradesKept, RelayListener listener) {
        this.tradesKept = tradesKept;
        log = shared.way();
        hub = Hub.builder()
                .time(time)
                .epoch("own" + name)
                .copies()
                .queueBytesMax(3_000)
                .frameBytesMax(700)
                .stall(Duration.ofSeconds(2))
                .heartbeat(Duration.ofSeconds(1))
                .updatesMax(64)
                .build();
        MarketChannels.builder(hub).intervals(List.of(MINUTE)).catalogOnly();
        standby = new StandbyFeed(feed, Duration.ofMinutes(10), 100_000, time, listener);
        standby.start();
        RelaySettings settings =
                new RelaySettings(name, Duration.ofMillis(500), Duration.ofMillis(5), 8, 20_000, Duration.ofSeconds(3));
        node = new RelayNode(log, hub, () -> Hub.builder().time(time).build(), this::begin, settings, time, listener);
    }

    private AutoCloseable begin(Hub toFill, long sinceNanos) {
        source = toFill;
        MarketChannels channels = MarketChannels.builder(toFill)
                .intervals(List.of(MINUTE))
                .barsKept(4)
                .tradesKept(tradesKept)
                .build();
        market = channels;
        Feed term = standby.attach(sinceNanos);
        term.start(new Publisher(channels));
        return () -> {
            term.close();
            whileClosing.run();
            source = null;
            market = null;
        };
    }

    boolean leads() {
        return market != null;
    }

    void trade(Trade trade) {
        feed.listener().onTrade(trade);
    }

    void quote(Quote quote) {
        feed.listener().onQuote(quote);
    }

    /** What only a leader has. */
    void publish(long number) throws InterruptedException {
        if (market != null) {
            market.news(new NewsItem(number, "n" + number, "", List.of()));
            market.alert(new Alert(number, Alert.Severity.INFO, "c", "n" + number));
            work();
        }
    }

    void step(int which) throws InterruptedException {
        try {
            switch (which) {
                case 0 -> RelaySteps.keepLease(node);
                case 1 -> RelaySteps.lead(node);
                default -> RelaySteps.read(node);
            }
        } catch (TransientException e) {
            // The thread tries again.
        }
        work();
    }

    void keepLease() {
        try {
            RelaySteps.keepLease(node);
        } catch (TransientException e) {
            // The thread tries again.
        }
    }

    void work() {
        while (hub.doWork() > 0 || (source != null && source.doWork() > 0)) {
            // Until nothing is left to do.
        }
    }

    /** As a kill does: nothing of it runs any more. */
    void kill() {
        gone = true;
    }

    /**
     * Ends it.
     *
     * @param meanwhile happens after it took its last event, and before that is in the log
     */
    void close(Runnable meanwhile) {
        gone = true;
        whileClosing = meanwhile;
        node.close();
        hub.close();
    }

    /** Makes channels of what comes. */
    private final class Publisher implements FeedListener {
        private final MarketChannels channels;

        Publisher(MarketChannels channels) {
            this.channels = channels;
        }

        @Override
        public void onTrade(Trade trade) {
            long open = MINUTE.openTimeNanos(trade.eventTimeNanos());
            try {
                channels.events("feed", List.of(trade));
                channels.bars(List.of(new Bar(
                        trade.symbol(),
                        MINUTE,
                        open,
                        open + 60_000_000_000L,
                        trade.price(),
                        trade.price(),
                        trade.price(),
                        trade.price(),
                        1,
                        trade.price(),
                        trade.sequence(),
                        open,
                        open,
                        0,
                        BarState.OPEN)));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            work();
        }

        @Override
        public void onQuote(Quote quote) {
            try {
                channels.events("feed", List.of(quote));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            work();
        }

        @Override
        public void onGap(Gap gap) {}

        @Override
        public void onBackfill(Backfill backfill) {}

        @Override
        public void onState(ConnectionState state, String reason) {}

        @Override
        public void onRefused(Refused refused) {}
    }

    /** A feed whose events the test makes. */
    private static final class TestFeed implements Feed {
        private @Nullable FeedListener listening;

        FeedListener listener() {
            if (listening == null) {
                throw new AssertionError("the feed was not started");
            }
            return listening;
        }

        @Override
        public String name() {
            return "feed";
        }

        @Override
        public void start(FeedListener listener) {
            listening = listener;
        }

        @Override
        public void close() {}
    }
}
