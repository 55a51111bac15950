package io.tsdash.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.delta.Field;
import io.tsdash.delta.FieldKind;
import io.tsdash.delta.RecordSchema;
import io.tsdash.error.ConfigurationException;
import io.tsdash.error.PermanentException;
import io.tsdash.time.ManualTime;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class HubTest {
    private static final RecordSchema SCHEMA = RecordSchema.of(
            Field.of("name", FieldKind.TEXT), Field.of("a", FieldKind.LONG), Field.of("b", FieldKind.LONG));

    private final ManualTime time = new ManualTime(0);
    private final Heard heard = new Heard();
    private final TextCodec codec = new TextCodec();
    private final Hub hub = Hub.builder()
            .time(time)
            .listener(heard)
            .epoch("e")
            .queueBytesMax(1_000)
            .channelsMax(4)
            .subscriptionsMax(3)
            .build();

    @Test
    void deltaHoldsKeyAndChangedFieldsOnly() throws InterruptedException {
        set("s:1", "x", 1, 1);
        Out out = open(0, "s:1");
        assertThat(out.text()).contains("snapshot s:1 1 SUBSCRIBED [111]");
        set("s:1", "x", 1, 2);
        assertThat(out.text()).isEqualTo("delta s:1 1-2 [101]\n");
    }

    @Test
    void unchangedRowIsNoUpdate() throws InterruptedException {
        set("s:1", "x", 1, 1);
        Out out = open(0, "s:1");
        out.text();
        set("s:1", "x", 1, 1);
        assertThat(out.text()).isEmpty();
    }

    @Test
    void updatesWithinTheIntervalAreConflatedAndCounted() throws InterruptedException {
        set("s:1", "x", 1, 1);
        Out out = open(100, "s:1");
        out.text();
        set("s:1", "x", 2, 1);
        set("s:1", "x", 3, 1);
        set("s:1", "x", 4, 1);
        assertThat(out.text()).as("before the interval is over").isEmpty();
        time.advance(Duration.ofMillis(100));
        work();
        assertThat(out.text()).isEqualTo("delta s:1 1-4 [11]\n");
        assertThat(heard.conflated).isEqualTo(2);
    }

    @Test
    void updateIsEncodedOnceAndItsFrameIsShared() throws InterruptedException {
        set("s:1", "x", 1, 1);
        Out one = open(0, "s:1");
        Out two = open(0, "s:1");
        codec.encoded = 0;
        set("s:1", "x", 2, 2);
        assertThat(codec.encoded).isEqualTo(1);
        assertThat(one.frames.get(one.frames.size() - 1)).isSameAs(two.frames.get(two.frames.size() - 1));
    }

    @Test
    void removedRowIsSaidToBeRemovedAndComesBackWhole() throws InterruptedException {
        set("s:1", "x", 1, 1);
        set("s:1", "y", 1, 1);
        Out out = open(0, "s:1");
        out.text();
        submit(channels -> channels.state("s:1", SCHEMA, 0, 10).orElseThrow().remove("x"));
        assertThat(out.text()).isEqualTo("delta s:1 2-3 [1 removed]\n");
        set("s:1", "x", 5, 5);
        assertThat(out.text()).isEqualTo("delta s:1 3-4 [111]\n");
    }

    @Test
    void fullSessionIsSkippedAndGetsOneDeltaLater() throws InterruptedException {
        set("s:1", "x", 1, 1);
        Out out = open(0, "s:1");
        out.text();
        out.queued = 5_000;
        set("s:1", "x", 2, 1);
        set("s:1", "x", 3, 1);
        assertThat(out.text()).isEmpty();
        assertThat(heard.skipped).isEqualTo(1);
        out.queued = 0;
        time.advance(Duration.ofMillis(100));
        work();
        assertThat(out.text()).isEqualTo("delta s:1 1-3 [11]\n");
    }

    @Test
    void sessionThatTakesNothingIsClosedInTheEnd() throws InterruptedException {
        set("s:1", "x", 1, 1);
        Out out = open(0, "s:1");
        out.queued = 5_000;
        set("s:1", "x", 2, 1);
        time.advance(Duration.ofSeconds(31));
        work();
        assertThat(out.closed).isEqualTo(WireCode.TOO_SLOW);
    }

    @Test
    void sessionTooSlowForALogIsClosedBeforeRowsAreLost() throws InterruptedException {
        append("l:1", 1);
        Out out = open(0, "l:1");
        out.text();
        out.queued = 5_000;
        append("l:1", 6);
        assertThat(out.closed).as("the ring still holds what it misses").isNull();
        append("l:1", 6);
        assertThat(out.closed).isEqualTo(WireCode.TOO_SLOW);
        assertThat(heard.closed).containsExactly(WireCode.TOO_SLOW);
    }

    @Test
    void logIsSentBeforeItsRingTurnsWhateverTheInterval() throws InterruptedException {
        append("l:1", 1);
        Out out = open(60_000, "l:1");
        out.text();
        append("l:1", 20);
        time.advance(Duration.ofSeconds(61));
        work();
        assertThat(out.text().lines().filter(line -> line.startsWith("delta")).toList())
                .hasSizeGreaterThan(1)
                .first()
                .asString()
                .startsWith("delta l:1 1-");
        assertThat(out.closed).isNull();
    }

    @Test
    void channelTooManyIsRefusedAndTold() throws InterruptedException {
        for (int i = 0; i < 6; i++) {
            set("s:" + i, "x", 1, 1);
        }
        assertThat(heard.refused).hasSize(2).allSatisfy(each -> assertThat(each).contains("4"));
    }

    @Test
    void subscriptionTooManyIsRefused() {
        Out out = open(0, "s:1", "s:2", "s:3", "s:4");
        assertThat(out.text()).contains("code=4409").contains("at most 3");
    }

    @Test
    void resumeGivesWhatWasMissedOrAResetSnapshot() throws InterruptedException {
        set("s:1", "x", 1, 1);
        set("s:1", "x", 2, 1);
        Out known = resume("s:1", new Position("e", 1));
        assertThat(known.text()).contains("Resumed[channel=s:1").contains("delta s:1 1-2 [11]");
        Out otherLife = resume("s:1", new Position("f", 1));
        assertThat(otherLife.text()).contains("snapshot s:1 2 RESET");
        Out future = resume("s:1", new Position("e", 9));
        assertThat(future.text()).contains("snapshot s:1 2 RESET");
    }

    @Test
    void unsubscribedChannelIsSilentUnlessAnotherPatternCoversIt() throws InterruptedException {
        set("s:1", "x", 1, 1);
        Out out = new Out();
        Session session = hub.open(out, codec, Set.of("s", "l"));
        session.accept(new SubscribeCommand(1, List.of("s:*", "s:1"), 0, Map.of(), ""));
        session.accept(new ClientCommand.Unsubscribe(2, List.of("s:1")));
        work();
        out.text();
        set("s:1", "x", 2, 1);
        assertThat(out.text()).contains("delta s:1 1-2");
        session.accept(new ClientCommand.Unsubscribe(3, List.of("s:*")));
        work();
        out.text();
        set("s:1", "x", 3, 1);
        assertThat(out.text()).isEmpty();
    }

    @Test
    void heartbeatDoesNotHurryUpdates() throws InterruptedException {
        set("s:1", "x", 1, 1);
        Out out = open(60_000, "s:1");
        out.text();
        set("s:1", "x", 2, 1);
        time.advance(Duration.ofSeconds(6));
        work();
        assertThat(out.text()).contains("Heartbeat").doesNotContain("delta");
    }

    @Test
    void updateThatFailsIsToldAndTheNextIsDone() throws InterruptedException {
        submit(channels -> {
            throw new IllegalStateException("broken");
        });
        assertThat(heard.refused).singleElement().asString().contains("broken");
        set("s:1", "x", 1, 1);
        assertThat(open(0, "s:1").text()).contains("snapshot s:1 1");
    }

    @Test
    void publisherWaitsWhileTheQueueIsFull() throws Exception {
        Hub small = Hub.builder().updatesMax(1).build();
        small.submit(channels -> {});
        CountDownLatch submitted = new CountDownLatch(1);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread publisher = new Thread(() -> {
            try {
                small.submit(channels -> {});
                submitted.countDown();
            } catch (InterruptedException e) {
                failure.set(e);
            }
        });
        publisher.start();
        assertThat(submitted.await(150, TimeUnit.MILLISECONDS)).isFalse();
        small.doWork();
        assertThat(submitted.await(5, TimeUnit.SECONDS)).isTrue();
        publisher.join();
        assertThat(failure.get()).isNull();
        small.close();
    }

    @Test
    void closingTellsSessionsAndRefusesPublishers() throws InterruptedException {
        set("s:1", "x", 1, 1);
        Out out = open(0, "s:1");
        hub.close();
        hub.close();
        assertThat(out.closed).isEqualTo(WireCode.SHUTTING_DOWN);
        assertThatThrownBy(() -> hub.submit(channels -> {}))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("closed");
        Out late = new Out();
        hub.open(late, codec, Set.of("s"));
        assertThat(late.closed).isEqualTo(WireCode.SHUTTING_DOWN);
    }

    @Test
    void threadOfTheHubDoesWhatWaitsBeforeItEnds() throws InterruptedException {
        Hub running = Hub.builder().build();
        running.start();
        CountDownLatch done = new CountDownLatch(100);
        for (int i = 0; i < 100; i++) {
            running.submit(channels -> done.countDown());
        }
        running.close();
        assertThat(done.getCount()).isZero();
    }

    @Test
    void allThatIsWrongIsSaidAtOnce() {
        assertThatThrownBy(() ->
                        Hub.builder().channelsMax(0).updatesMax(-1).epoch("a-b").build())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("channelsMax was '0'")
                .hasMessageContaining("updatesMax was '-1'")
                .hasMessageContaining("epoch was 'a-b'");
    }

    @Test
    void reportTellsChannelsBySubscribersAndTheSlowestSessionsFirst() throws Exception {
        set("s:1", "x", 1, 1);
        set("s:2", "x", 1, 1);
        append("l:1", 1);
        open(100, "s:*");
        Out slow = open(0, "s:2", "l:1");
        slow.queued = 5_000;
        set("s:2", "x", 2, 2);
        time.advance(Duration.ofMillis(500));
        HubReport report = report("");
        assertThat(report.channelCount()).isEqualTo(3);
        assertThat(report.channels())
                .containsExactly(
                        new HubReport.OfChannel("s:2", false, 2, 2),
                        new HubReport.OfChannel("l:1", true, 1, 1),
                        new HubReport.OfChannel("s:1", false, 1, 1));
        assertThat(report.sessions())
                .containsExactly(
                        new HubReport.OfSession("2", Access.ANONYMOUS, 2, 0, 5_000, 500, 0),
                        new HubReport.OfSession("1", Access.ANONYMOUS, 2, 100, 0, 0, 0));
        assertThat(report("l:").channels()).extracting("name").containsExactly("l:1");
    }

    @Test
    void subscribersAreThoseThatAreStillThere() throws Exception {
        set("s:1", "x", 1, 1);
        Session gone = hub.open(new Out(), codec, Set.of("s", "l"));
        gone.accept(new SubscribeCommand(1, List.of("s:1"), 0, Map.of(), ""));
        Session stays = hub.open(new Out(), codec, Set.of("s", "l"));
        stays.accept(new SubscribeCommand(1, List.of("s:1", "s:*"), 0, Map.of(), ""));
        work();
        assertThat(report("").channels()).extracting("subscribers").containsExactly(2);
        gone.close();
        time.advance(Duration.ofSeconds(1));
        work();
        assertThat(report("").channels()).extracting("subscribers").containsExactly(1);
        stays.accept(new ClientCommand.Unsubscribe(2, List.of("s:1")));
        work();
        assertThat(report("").channels())
                .as("a pattern still covers it")
                .extracting("subscribers")
                .containsExactly(1);
        stays.accept(new ClientCommand.Unsubscribe(3, List.of("s:*")));
        work();
        assertThat(report("").channels()).extracting("subscribers").containsExactly(0);
    }

    private HubReport report(String prefix) throws Exception {
        var report = hub.report(prefix, 10, 10);
        work();
        return report.get(1, TimeUnit.SECONDS);
    }

    private void set(String channel, String key, long a, long b) throws InterruptedException {
        submit(channels -> channels.state(channel, SCHEMA, 0, 10).ifPresent(state -> {
            var row = state.row(key).orElseThrow();
            row.setLong(1, a);
            row.setLong(2, b);
            state.commit(key);
        }));
    }

    private void append(String channel, int count) throws InterruptedException {
        submit(channels -> {
            LogChannel log = channels.log(channel, SCHEMA, 8).orElseThrow();
            for (int i = 0; i < count; i++) {
                log.next().setLong(1, i);
                log.append();
            }
        });
    }

    private void submit(java.util.function.Consumer<Channels> update) throws InterruptedException {
        hub.submit(update);
        work();
    }

    private void work() {
        while (hub.doWork() > 0) {
            // Until nothing is left to do.
        }
    }

    private Out open(int intervalMillis, String... names) {
        return open(new SubscribeCommand(1, List.of(names), intervalMillis, Map.of(), ""));
    }

    private Out resume(String name, Position position) {
        return open(new SubscribeCommand(1, List.of(name), 0, Map.of(name, position), ""));
    }

    private Out open(SubscribeCommand command) {
        Out out = new Out();
        hub.open(out, codec, Set.of("s", "l")).accept(command);
        work();
        return out;
    }

    private static final class Out implements SessionOutput {
        final List<byte[]> frames = new ArrayList<>();
        private int read;
        long queued;

        @org.jspecify.annotations.Nullable
        WireCode closed;

        @Override
        public void send(byte[] frame) {
            frames.add(frame);
        }

        @Override
        public long queuedBytes() {
            return queued;
        }

        @Override
        public void close(WireCode code, String text) {
            closed = code;
        }

        /** What came since this was last asked. */
        String text() {
            StringBuilder text = new StringBuilder();
            for (; read < frames.size(); read++) {
                text.append(new String(frames.get(read), StandardCharsets.UTF_8));
            }
            return text.toString();
        }
    }

    private static final class Heard implements HubListener {
        long conflated;
        int skipped;
        final List<WireCode> closed = new ArrayList<>();
        final List<String> refused = new ArrayList<>();

        @Override
        public void conflated(String session, long updates) {
            conflated += updates;
        }

        @Override
        public void skipped(String session, long queuedBytes) {
            skipped++;
        }

        @Override
        public void closed(String session, WireCode code, String text) {
            closed.add(code);
        }

        @Override
        public void refused(String channel, String why) {
            refused.add(channel + " " + why);
        }
    }
}
