package io.tsdash.store.writer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.PermanentException;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.source.TapeReader;
import io.tsdash.source.TapeRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class StoreWriterTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration PAUSE = Duration.ofMillis(20);
    /** The pauses of a breaker differ by a fifth. */
    private static final long PAUSE_NANOS_MIN = PAUSE.toNanos() * 4 / 5;

    @TempDir
    private Path folder;

    private final FlakyStore store = new FlakyStore(1);
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final StoreWriterListener listener = new StoreWriterListener() {
        @Override
        public void onSpilled(String name, int trades, RuntimeException cause) {
            told.add("spilled " + trades + ": " + cause.getMessage());
        }

        @Override
        public void onSpillFull(String name, String reason) {
            told.add("full: " + reason);
        }

        @Override
        public void onSetAside(String name, Trade trade, RuntimeException reason) {
            told.add("set aside " + trade.sequence() + ": " + reason.getMessage());
        }

        @Override
        public void onLost(String name, int trades, RuntimeException cause) {
            told.add("lost " + trades + ": " + cause.getMessage());
        }

        @Override
        public void onBack(String name) {
            told.add("back");
        }

        @Override
        public void onSpillDamaged(String name, String file, String reason) {
            told.add("damaged: " + reason);
        }
    };

    @Test
    void writesFullBatchesAtOnceAndTheRestWhenItIsOldEnough() throws Exception {
        try (StoreWriter writer =
                StoreWriter.to(store).age(Duration.ofMillis(30)).start()) {
            writer.write(trades(0, 250));
            await(() -> store.tradeCount() == 250);
            assertThat(store.order()).isEqualTo(trades(0, 250));
            assertThat(store.calls).isEqualTo(3);
        }
    }

    @Test
    void whatWasStoredIsToldWithItsTrades() throws Exception {
        List<String> stored = new CopyOnWriteArrayList<>();
        StoreWriterListener hears = new StoreWriterListener() {
            @Override
            public void onStored(String name, List<? extends Trade> batch, int count, int duplicates, long nanos) {
                stored.add(batch.get(0).sequence() + ": " + batch.size() + " " + count + " " + duplicates);
            }
        };
        try (StoreWriter writer = StoreWriter.to(store).listener(hears).start()) {
            writer.write(trades(3, 7));
            assertThat(writer.flush(SOON)).isTrue();
            writer.write(trades(3, 7));
            assertThat(writer.flush(SOON)).isTrue();
        }
        int given = trades(3, 7).size();
        assertThat(stored)
                .containsExactly("3: " + given + " " + given + " 0", "3: " + given + " " + given + " " + given);
    }

    @Test
    void flushWritesWhatWaitsForItsBatch() throws Exception {
        try (StoreWriter writer =
                StoreWriter.to(store).age(Duration.ofDays(1)).lanes(3).start()) {
            writer.write(trades(0, 7));
            assertThat(writer.flush(SOON)).isTrue();
            assertThat(store.tradeCount()).isEqualTo(7);
            assertThat(writer.counts().queued()).isZero();
        }
    }

    @Test
    void closeWritesWhatWaits() throws Exception {
        StoreWriter writer = StoreWriter.to(store).age(Duration.ofDays(1)).start();
        writer.write(trades(0, 42));
        writer.close();
        writer.close();
        assertThat(store.tradeCount()).isEqualTo(42);
        assertThatThrownBy(() -> writer.write(trades(0, 1)))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("is closed: 1 were not taken");
    }

    @Test
    void triesAgainWhatFailsInPassing() throws Exception {
        store.failures = 0.5;
        try (StoreWriter writer =
                StoreWriter.to(store).age(Duration.ZERO).listener(listener).start()) {
            for (int i = 0; i < 20; i++) {
                writer.write(trades(i * 10, i * 10 + 10));
                assertThat(writer.flush(SOON)).isTrue();
            }
            assertThat(store.tradeCount()).isEqualTo(200);
            assertThat(writer.counts().retries()).isPositive();
            assertThat(writer.counts().lost()).isZero();
        }
    }

    @Test
    void withoutADiskWhatTheStoreDoesNotTakeIsToldAsLostAndTheNextIsTried() throws Exception {
        store.mode = FlakyStore.Mode.AWAY;
        try (StoreWriter writer = StoreWriter.to(store)
                .retry(Duration.ZERO)
                .breaker(1_000, Duration.ofMillis(1))
                .listener(listener)
                .start()) {
            writer.write(trades(0, 10));
            assertThat(next()).isEqualTo("lost 10: store away");
            assertThat(writer.problem()).isEqualTo("store away");
            store.mode = FlakyStore.Mode.WELL;
            writer.write(trades(10, 20));
            assertThat(next()).isEqualTo("back");
            assertThat(writer.problem()).isEmpty();
            assertThat(store.order()).isEqualTo(trades(10, 20));
            assertThat(writer.counts().lost()).isEqualTo(10);
        }
    }

    @Test
    void keepsOnDiskWhatComesWhileTheStoreIsAwayAndBringsItInOrder() throws Exception {
        store.mode = FlakyStore.Mode.AWAY;
        long startNanos = System.nanoTime();
        try (StoreWriter writer = spilling(1L << 30).batch(1_000).start()) {
            for (int i = 0; i < 30; i++) {
                writer.write(trades(i * 100, i * 100 + 100));
            }
            assertThat(writer.flush(SOON)).isTrue();
            assertThat(writer.counts().onDisk()).isEqualTo(3_000);
            assertThat(writer.problem()).isNotEmpty();
            int askedBefore = store.calls;
            assertThat((long) askedBefore)
                    .as("while it is away the breaker asks it now and then, not for each batch")
                    .isBetween(1L, 2 + (System.nanoTime() - startNanos) / PAUSE_NANOS_MIN);
            store.mode = FlakyStore.Mode.WELL;
            await(() -> writer.counts().stored() == 3_000);
            assertThat(store.order()).isEqualTo(trades(0, 3_000));
            assertThat(store.calls - askedBefore)
                    .as("full batches of 30 small ones")
                    .isLessThan(10);
            await(() -> told.contains("back"));
            writer.write(trades(3_000, 3_100));
            await(() -> store.tradeCount() == 3_100);
            assertThat(writer.counts().spilled()).isEqualTo(3_000);
            assertThat(writer.counts().lost()).isZero();
        }
    }

    @Test
    void goesOnAfterARestartWithWhatIsOnDisk() throws Exception {
        store.mode = FlakyStore.Mode.AWAY;
        try (StoreWriter writer = spilling(1L << 30).age(Duration.ofDays(1)).start()) {
            writer.write(trades(0, 1_234));
        }
        assertThat(told).noneMatch(text -> text.startsWith("lost"));
        store.mode = FlakyStore.Mode.WELL;
        try (StoreWriter writer = spilling(1L << 30).start()) {
            assertThat(writer.counts().accepted()).isEqualTo(1_234);
            await(() -> store.tradeCount() == 1_234);
            assertThat(store.order()).isEqualTo(trades(0, 1_234));
            await(() -> writer.counts().onDisk() == 0);
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactly("lock");
        }
    }

    @Test
    void whatAStoreThatNeverAnswersHasNotTakenByTheEndWaitsOnDiskInOrder() throws Exception {
        store.silence = new CountDownLatch(1);
        CountDownLatch silence = store.silence;
        StoreWriter writer = spilling(1L << 30)
                .batch(100)
                .closeTimeout(Duration.ofMillis(200))
                .start();
        writer.write(trades(0, 1_234));
        await(() -> store.calls == 1);
        writer.close();
        assertThat(writer.counts().spilled()).isEqualTo(1_234);
        assertThat(writer.counts().lost()).isZero();
        assertThat(next()).startsWith("spilled").contains("did not answer in time");
        store.silence = new CountDownLatch(0);
        try (StoreWriter after = spilling(1L << 30).start()) {
            await(() -> store.tradeCount() == 1_234);
            assertThat(store.order()).isEqualTo(trades(0, 1_234));
            // The call of before ends at last; it says nothing of trades that are on disk, or were.
            silence.countDown();
            await(() -> store.order().size() > 1_234);
            assertThat(after.counts().onDisk()).isZero();
        }
        assertThat(store.tradeCount()).isEqualTo(1_234);
        assertThat(told).noneMatch(text -> text.startsWith("lost"));
    }

    @Test
    void withoutADiskItIsToldAsLostWithWhatWasUnderWay() throws Exception {
        store.silence = new CountDownLatch(1);
        StoreWriter writer = StoreWriter.to(store)
                .age(Duration.ZERO)
                .batch(100)
                .closeTimeout(Duration.ofMillis(200))
                .listener(listener)
                .start();
        writer.write(trades(0, 250));
        await(() -> store.calls == 1);
        writer.close();
        store.silence.countDown();
        assertThat(writer.counts().lost()).isEqualTo(250);
        assertThat(next()).startsWith("lost 250").contains("did not answer in time");
    }

    @Test
    void aFaultOfTheAdapterDoesNotEndTheWayFromTheDisk() throws Exception {
        store.mode = FlakyStore.Mode.AWAY;
        try (StoreWriter writer = spilling(1L << 30).start()) {
            writer.write(trades(0, 100));
            await(() -> writer.counts().onDisk() == 100);
            store.faulty = true;
            store.mode = FlakyStore.Mode.WELL;
            await(() -> writer.problem().contains("a fault of the adapter"));
            store.faulty = false;
            await(() -> writer.counts().onDisk() == 0);
            assertThat(store.order()).isEqualTo(trades(0, 100));
        }
    }

    @Test
    void whenMemoryAndDiskAreFullWhoeverWritesWaitsAndNothingIsLost() throws Exception {
        store.mode = FlakyStore.Mode.AWAY;
        try (StoreWriter writer = spilling(1L << 20).capacity(1_000).start()) {
            Thread feed = new Thread(() -> {
                try {
                    for (int i = 0; i < 400; i++) {
                        writer.write(trades(i * 100, i * 100 + 100));
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            feed.start();
            await(() -> told.stream().anyMatch(text -> text.startsWith("full: the spill is full")));
            await(() -> feed.getState() == Thread.State.WAITING);
            assertThat(writer.counts().onDisk()).isBetween(10_000L, 39_000L);
            store.mode = FlakyStore.Mode.WELL;
            feed.join(SOON.toMillis());
            await(() -> store.tradeCount() == 40_000);
            assertThat(store.order()).isEqualTo(trades(0, 40_000));
            assertThat(writer.counts().lost()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void setsAsideWhatTheStoreRefusesAndWritesTheRest(boolean poisonIsInput) throws Exception {
        store.poison = trade -> trade.sequence() % 97 == 13;
        store.poisonIsInput = poisonIsInput;
        try (StoreWriter writer = spilling(1L << 30).age(Duration.ofSeconds(1)).start()) {
            writer.write(trades(0, 1_000));
            await(() -> writer.counts().stored() + writer.counts().setAside() == 1_000);
            assertThat(writer.counts().setAside()).isEqualTo(11);
            assertThat(writer.counts().retries())
                    .as("a refusal is no failure in passing")
                    .isZero();
        }
        List<Trade> refused = trades(0, 1_000).stream().filter(store.poison).toList();
        assertThat(told).contains("set aside 13: poison");
        assertThat(store.tradeCount()).isEqualTo(1_000 - refused.size());
        // What was set aside is a tape, from which it can be brought again.
        List<Trade> read = new ArrayList<>();
        try (TapeReader tape = TapeReader.open(folder.resolve("set-aside.csv"))) {
            for (TapeRow row = tape.next(); row != null; row = tape.next()) {
                assertThat(row).as(String.valueOf(row)).isInstanceOf(TapeRow.OfEvent.class);
                read.add((Trade) ((TapeRow.OfEvent) row).event());
            }
        }
        assertThat(read).isEqualTo(refused);
    }

    @Test
    void setAsideTradesKeepEveryField() throws Exception {
        List<Trade> odd = List.of(
                new Trade("a,\"b\" c", 5, 7, 3, 0.1 + 0.2, 1e-9, Side.SELL, false, true, 0),
                new Trade("B", 6, 8, 4, -37.5, 3, Side.BUY, true, false, 2),
                Trade.cancel("C", 9, 5, 10));
        SetAsideFile file = new SetAsideFile(folder);
        for (Trade trade : odd) {
            file.add(trade, "line\nbreak, \"quoted\"");
        }
        List<Trade> read = new ArrayList<>();
        try (TapeReader tape = TapeReader.open(folder.resolve(SetAsideFile.NAME))) {
            for (TapeRow row = tape.next(); row != null; row = tape.next()) {
                assertThat(row).as(String.valueOf(row)).isInstanceOf(TapeRow.OfEvent.class);
                read.add((Trade) ((TapeRow.OfEvent) row).event());
            }
        }
        assertThat(read).isEqualTo(odd);
    }

    @Test
    void aStoreThatRefusesEverythingIsAtFaultItself() throws Exception {
        store.mode = FlakyStore.Mode.REFUSES_ALL;
        try (StoreWriter writer = spilling(1L << 30).start()) {
            writer.write(trades(0, 500));
            assertThat(writer.flush(SOON)).isTrue();
            assertThat(writer.counts().onDisk()).isEqualTo(500);
            assertThat(writer.counts().setAside()).isZero();
            assertThat(store.calls).as("not asked for each single trade").isLessThan(100);
            store.mode = FlakyStore.Mode.WELL;
            await(() -> store.tradeCount() == 500);
            assertThat(writer.counts().setAside()).isZero();
        }
    }

    @Test
    void onePoisonedTradeAtTheHeadOfTheDiskDoesNotHoldTheOthers() throws Exception {
        store.mode = FlakyStore.Mode.REFUSES_ALL;
        store.poison = trade -> trade.sequence() == 0;
        try (StoreWriter writer = spilling(1L << 30).batch(1).capacity(10).start()) {
            writer.write(trades(0, 40));
            assertThat(writer.flush(SOON)).isTrue();
            store.mode = FlakyStore.Mode.WELL;
            await(() -> store.tradeCount() == 39);
            await(() -> writer.counts().setAside() == 1 && writer.counts().onDisk() == 0);
        }
    }

    @Test
    void whatADiskHasDamagedIsToldAndTheRestIsBrought() throws Exception {
        store.mode = FlakyStore.Mode.AWAY;
        try (StoreWriter writer = spilling(1L << 30).start()) {
            writer.write(trades(0, 1_000));
            assertThat(writer.flush(SOON)).isTrue();
        }
        Path file;
        try (Stream<Path> files = Files.list(folder)) {
            file = files.filter(each -> each.toString().endsWith(".spill"))
                    .findFirst()
                    .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 100] ^= 1;
        Files.write(file, bytes);
        store.mode = FlakyStore.Mode.WELL;
        try (StoreWriter writer = spilling(1L << 30).start()) {
            await(() -> writer.counts().onDisk() == 0);
            assertThat(told).anyMatch(text -> text.startsWith("damaged: from byte"));
            assertThat(store.order()).isEqualTo(trades(0, 900));
        }
        assertThat(folder.resolve(file.getFileName() + ".damaged")).exists();
    }

    @Test
    void aFolderIsOfOneWriter() throws IOException {
        try (StoreWriter writer = spilling(1L << 30).start()) {
            assertThat(writer.counts().accepted()).isZero();
            assertThatThrownBy(() -> spilling(1L << 30).start())
                    .isInstanceOf(PermanentException.class)
                    .hasMessageContaining("in use by another writer");
        }
    }

    @ParameterizedTest(name = "through random failures, outages, poison and restarts nothing is lost, seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void losesNothing(long seed) throws Exception {
        Random random = new Random(seed);
        FlakyStore flaky = new FlakyStore(seed);
        flaky.poison = trade -> trade.sequence() % 1_009 == 5;
        flaky.poisonIsInput = random.nextBoolean();
        int next = 0;
        long setAside = 0;
        for (int run = 0; run < 3; run++) {
            StoreWriter writer = StoreWriter.to(flaky)
                    .lanes(1 + random.nextInt(3))
                    .retry(Duration.ofMillis(random.nextInt(200)))
                    .age(Duration.ofMillis(random.nextInt(20)))
                    .breaker(1 + random.nextInt(3), Duration.ofMillis(1 + random.nextInt(40)))
                    .spill(folder, 1L << 30)
                    .listener(listener)
                    .start();
            for (int i = 0; i < 40; i++) {
                flaky.failures = random.nextInt(4) == 0 ? 0.7 : 0;
                flaky.mode = random.nextInt(5) == 0 ? FlakyStore.Mode.AWAY : FlakyStore.Mode.WELL;
                int size = 1 + random.nextInt(300);
                writer.write(trades(next, next + size));
                next += size;
                if (random.nextInt(8) == 0) {
                    assertThat(writer.flush(SOON)).isTrue();
                }
            }
            if (run == 2) {
                flaky.failures = 0;
                flaky.mode = FlakyStore.Mode.WELL;
                await(() -> writer.counts().onDisk() == 0 && writer.counts().queued() == 0);
            }
            writer.close();
            setAside += writer.counts().setAside();
            assertThat(writer.counts().lost()).isZero();
        }
        List<Trade> all = trades(0, next);
        List<Trade> good = all.stream().filter(flaky.poison.negate()).toList();
        assertThat(flaky.tradeCount()).isEqualTo(good.size());
        assertThat(setAside).isGreaterThanOrEqualTo(all.size() - good.size());
        // Of each symbol the first writes came in order, whatever was repeated.
        Map<String, List<Trade>> order =
                flaky.order().stream().distinct().collect(Collectors.groupingBy(Trade::symbol));
        assertThat(order.values())
                .allSatisfy(
                        trades -> assertThat(trades).isSortedAccordingTo(Comparator.comparingLong(Trade::sequence)));
    }

    @Test
    void reportsAllProblemsOfItsSettingsAtOnce() {
        assertThatThrownBy(() -> StoreWriter.to(store)
                        .lanes(0)
                        .batch(0)
                        .capacity(-1)
                        .age(Duration.ofMillis(-1))
                        .spill(folder, 1)
                        .start())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("lanes was '0'")
                .hasMessageContaining("batch was '0'")
                .hasMessageContaining("capacity was '-1'")
                .hasMessageContaining("age was 'PT-0.001S'")
                .hasMessageContaining("spill bytesMax was '1'");
    }

    private StoreWriterBuilder spilling(long bytesMax) {
        return StoreWriter.to(store)
                .age(Duration.ZERO)
                .retry(Duration.ZERO)
                .breaker(1, PAUSE)
                .spill(folder, bytesMax)
                .listener(listener);
    }

    private static List<Trade> trades(int from, int to) {
        List<Trade> trades = new ArrayList<>();
        for (int i = from; i < to; i++) {
            trades.add(Trade.of("S" + i % 7, 1_000L + i, i, 100 + i % 10, 1));
        }
        return trades;
    }

    private String next() throws InterruptedException {
        String text = told.poll(20, TimeUnit.SECONDS);
        assertThat(text).as("nothing was told").isNotNull();
        return text;
    }

    private static void await(BooleanSupplier condition) {
        long giveUpNanos = System.nanoTime() + SOON.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("it did not happen in time").isLessThan(giveUpNanos);
            LockSupport.parkNanos(1_000_000);
        }
    }
}
