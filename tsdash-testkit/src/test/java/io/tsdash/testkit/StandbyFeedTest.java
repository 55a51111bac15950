package io.tsdash.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.model.Quote;
import io.tsdash.model.Trade;
import io.tsdash.relay.StandbyFeed;
import io.tsdash.source.Backfill;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.Feed;
import io.tsdash.source.FeedListener;
import io.tsdash.source.Gap;
import io.tsdash.source.Refused;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a server has of its feed when it takes over. */
class StandbyFeedTest {
    private static final Duration KEPT = Duration.ofSeconds(30);

    private final ManualTimeSource time = new ManualTimeSource(1_800_000_000_000_000_000L);
    private final Source source = new Source();
    private final Missed missed = new Missed();
    private final StandbyFeed standby = new StandbyFeed(source, KEPT, 1_000, time, missed);
    private long number;

    @Test
    void whatItKeptComesAfterWhatTheLeaderHad() {
        standby.start();
        tradeForSeconds(20);
        long since = time.monotonicNanos();
        tradeForSeconds(10);
        assertThat(takeOver(since).heard).hasSize(16).last().isEqualTo("trade 30"); // and 5 s before it
        assertThat(missed.events).isZero();
    }

    @Test
    void whatNobodyTookAndItDidNotKeepIsCountedAndNothingElse() {
        standby.start();
        tradeForSeconds(100);
        long since = time.monotonicNanos();
        tradeForSeconds(40);
        assertThat(takeOver(since).heard).contains("gap by hand").hasSize(32);
        // 15 s of 45 were not kept; what came before a leader had.
        assertThat(missed.events).isEqualTo(15);
    }

    @Test
    void ofAGapItAlsoTellsThatItWasFilled() {
        standby.start();
        Gap old = gap("old");
        source.listener().onGap(old);
        time.advance(Duration.ofSeconds(10));
        long since = time.monotonicNanos();
        Gap fresh = gap("fresh");
        source.listener().onGap(fresh);
        source.listener().onBackfill(new Backfill(fresh, 3, 0, ""));
        source.listener().onBackfill(new Backfill(old, 3, 0, ""));
        assertThat(takeOver(since).heard).containsExactly("gap fresh", "filled fresh");
    }

    @Test
    void quotesOfMoreSymbolsThanItKeepsAreToldToWhoTakesOver() {
        standby.start();
        for (int i = 0; i < 20_003; i++) {
            source.listener().onQuote(new Quote("S" + i, time.epochNanos(), time.epochNanos(), i, 1, 2, 1, 1));
        }
        takeOver(time.monotonicNanos());
        assertThat(missed.events).isEqualTo(3);
    }

    private Heard takeOver(long sinceNanos) {
        Heard heard = new Heard();
        standby.attach(sinceNanos).start(heard);
        return heard;
    }

    private void tradeForSeconds(int seconds) {
        for (int i = 0; i < seconds; i++) {
            time.advance(Duration.ofSeconds(1));
            number++;
            long now = time.epochNanos();
            source.listener().onTrade(Trade.of("A", now, number, 10, 1));
        }
    }

    private Gap gap(String stream) {
        return new Gap(stream, 1, 5, time.epochNanos(), "left out");
    }

    /** A feed that delivers what the test hands it. */
    private static final class Source implements Feed {
        private final List<FeedListener> listeners = new ArrayList<>();

        FeedListener listener() {
            return listeners.get(0);
        }

        @Override
        public String name() {
            return "by hand";
        }

        @Override
        public void start(FeedListener listener) {
            listeners.add(listener);
        }

        @Override
        public void close() {}
    }

    /** What the pipeline of the new leader gets. */
    private static final class Heard implements FeedListener {
        private final List<String> heard = new ArrayList<>();

        @Override
        public void onTrade(Trade trade) {
            heard.add("trade " + trade.sequence());
        }

        @Override
        public void onQuote(Quote quote) {
            heard.add("quote " + quote.sequence());
        }

        @Override
        public void onGap(Gap gap) {
            heard.add("gap " + gap.stream());
        }

        @Override
        public void onBackfill(Backfill backfill) {
            heard.add("filled " + backfill.gap().stream());
        }

        @Override
        public void onState(ConnectionState state, String reason) {}

        @Override
        public void onRefused(Refused refused) {}
    }

    private static final class Missed extends QuietRelayListener {
        private long events;

        @Override
        public void onMissed(long events, String reason) {
            this.events += events;
        }
    }
}
