package io.tsdash.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.tsdash.error.InvalidInputException;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Trade;
import io.tsdash.time.ManualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayFeedTest {
    private static final Path DATA = Path.of(System.getProperty("tsdash.data"));
    private static final String HEADER = "timestamp_ns,symbol,price,volume\n";

    @TempDir
    private Path folder;

    @Test
    void mergesTapesByReceiveTimeAndKeepsTheOrderOfEach() throws Exception {
        Path one = tape("one.csv", "10,A,1,1\n40,A,2,1\n30,A,3,1\n50,A,4,1\n");
        Path two = tape("two.csv", "10,B,1,1\n35,B,2,1\nx,B,3,1\n45,B,4,1\n");
        RecordingListener listener = new RecordingListener();

        try (ReplayFeed feed = ReplayFeed.open(List.of(one, two), ReplayOptions.atSpeed(0), new ManualTime(0))) {
            feed.start(listener);
            listener.awaitEnd();
            assertThat(feed.progress())
                    .isEqualTo(new ReplayProgress(
                            7, 1, Files.size(one) + Files.size(two), Files.size(one) + Files.size(two)));
        }

        assertThat(listener.events.stream().map(event -> event.symbol() + event.receiveTimeNanos()))
                .containsExactly("A10", "B10", "B35", "A40", "A30", "B45", "A50");
        assertThat(listener.refused).hasSize(1);
        assertThat(listener.refused.get(0).position()).isEqualTo(4);
        assertThat(listener.states).containsExactly("LIVE playing", "ENDED end of tape");
    }

    @Test
    void playsAtTheSpeedOfTheClock() throws Exception {
        Path tape = tape("tape.csv", "1000000000,A,1,1\n2000000000,A,2,1\n3000000000,A,3,1\n");
        ManualTime time = new ManualTime(0);
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch second = new CountDownLatch(2);
        RecordingListener listener = new RecordingListener();
        FeedListener counting = counting(listener, first, second);

        try (ReplayFeed feed = ReplayFeed.open(List.of(tape), ReplayOptions.atSpeed(10), time)) {
            feed.start(counting);
            await(first);
            time.elapsed(Duration.ofNanos(99_999_999));
            assertThat(second.await(50, TimeUnit.MILLISECONDS)).isFalse();
            time.elapsed(Duration.ofMillis(100));
            await(second);
            assertThat(listener.events).hasSize(2);
            time.elapsed(Duration.ofMillis(200));
            listener.awaitEnd();
        }
        assertThat(listener.events).hasSize(3);
    }

    @Test
    void shiftsAllTimesToNowWhenAsked() throws Exception {
        Path tape = Files.writeString(
                folder.resolve("tape.csv"),
                "timestamp_ns,symbol,price,volume,exchange_ts_ns\n100,A,1,1,90\n150,A,2,1,\n");
        RecordingListener listener = new RecordingListener();

        try (ReplayFeed feed = ReplayFeed.open(List.of(tape), new ReplayOptions(0, true), new ManualTime(10_000))) {
            feed.start(listener);
            listener.awaitEnd();
        }

        assertThat(listener.events)
                .extracting(MarketEvent::eventTimeNanos, MarketEvent::receiveTimeNanos)
                .containsExactly(tuple(9_990L, 10_000L), tuple(10_050L, 10_050L));
    }

    @Test
    void playsTheOtherTapesToTheirEndWhenOneIsDamaged() throws Exception {
        byte[] packed = Files.readAllBytes(DATA.resolve("coinbase_btc_trades_20230905.csv.gz"));
        Path cut = Files.write(folder.resolve("cut.csv.gz"), Arrays.copyOf(packed, packed.length / 2));
        Path whole = tape("whole.csv", "1,A,1,1\n2000000000000000000,A,2,1\n");
        RecordingListener listener = new RecordingListener();

        try (ReplayFeed feed = ReplayFeed.open(List.of(cut, whole), ReplayOptions.atSpeed(0), new ManualTime(0))) {
            feed.start(listener);
            listener.awaitEnd();
        }

        assertThat(listener.events)
                .hasSizeGreaterThan(1_000)
                .last()
                .isEqualTo(Trade.of("A", 2_000_000_000_000_000_000L, 2, 2, 1));
        assertThat(listener.states).hasSize(2);
        assertThat(listener.states.get(1)).startsWith("DOWN").contains("cut.csv.gz", "damaged after line");
    }

    @Test
    void endsWhenClosedInTheMiddleOfAWait() throws Exception {
        Path tape = tape("tape.csv", "1,A,1,1\n3600000000000,A,2,1\n");
        RecordingListener listener = new RecordingListener();
        ReplayFeed feed = ReplayFeed.open(List.of(tape), ReplayOptions.atSpeed(1), new ManualTime(0));
        feed.start(listener);

        feed.close();
        feed.close();

        listener.awaitEnd();
        assertThat(listener.states).last().isEqualTo("ENDED closed");
        assertThatThrownBy(() -> feed.start(listener)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void saysThatItIsDownWhenItsListenerFails() throws Exception {
        Path tape = tape("tape.csv", "1,A,1,1\n2,A,2,1\n");
        RecordingListener listener = new RecordingListener();
        FeedListener failing = failing(listener);
        try (ReplayFeed feed = ReplayFeed.open(List.of(tape), ReplayOptions.atSpeed(0), new ManualTime(0))) {
            feed.start(failing);
            listener.awaitEnd();
        }
        assertThat(listener.states).containsExactly("LIVE playing", "DOWN no room");
    }

    @Test
    void refusesATapeOfBars() {
        assertThatThrownBy(() -> ReplayFeed.open(
                        List.of(DATA.resolve("coinbase_btcusd_bars_1s_20161007_08.csv.gz")),
                        ReplayOptions.atSpeed(1),
                        new ManualTime(0)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("holds bars but a replay needs trades or quotes");
    }

    private Path tape(String name, String rows) throws IOException {
        return Files.writeString(folder.resolve(name), HEADER + rows);
    }

    private static void await(CountDownLatch latch) throws InterruptedException {
        assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    }

    private static FeedListener counting(RecordingListener target, CountDownLatch... latches) {
        return new ForwardingListener(target, () -> Arrays.stream(latches).forEach(CountDownLatch::countDown));
    }

    private static FeedListener failing(RecordingListener target) {
        return new ForwardingListener(target, () -> {
            throw new IllegalStateException("no room");
        });
    }
}
