package io.tsdash.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.PermanentException;
import io.tsdash.relay.Lease;
import io.tsdash.relay.RelayEntry;
import io.tsdash.relay.RelayLog;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The rules of {@link RelayLog} as tests: extend it and say how a log is reached.
 *
 * <p>The number in a test's name is that of its rule.
 */
@Timeout(60)
public abstract class RelayLogContract {
    /** How long a lease of the log lasts. */
    protected static final Duration LEASE = Duration.ofMillis(600);

    /** How many entries the log keeps. */
    protected static final int KEPT = 100;

    private static final Duration NO_WAIT = Duration.ZERO;
    private RelayLog one;
    private RelayLog two;

    /** For subclasses. */
    protected RelayLogContract() {}

    /** Returns a way to one and the same log, which is empty at first; another way at each call, if there can be several. */
    protected abstract RelayLog open();

    /** Lets time pass for leases. */
    protected abstract void pass(Duration duration);

    @BeforeEach
    void openBoth() {
        one = open();
        two = open();
    }

    @AfterEach
    void closeBoth() {
        one.close();
        two.close();
    }

    @Test
    @DisplayName("L1 one at a time has the lease, with a term one higher each time")
    void oneAtATimeHasTheLease() {
        Lease first = one.acquire().orElseThrow();
        assertThat(two.acquire()).isEmpty();
        one.release(first);
        assertThat(two.acquire().orElseThrow().term()).isEqualTo(first.term() + 1);
    }

    @Test
    @DisplayName("L2 a lease that is not renewed ends, and is not renewed after that")
    void aLeaseEnds() {
        Lease lease = one.acquire().orElseThrow();
        pass(LEASE.dividedBy(2));
        assertThat(one.renew(lease)).isTrue();
        pass(LEASE.dividedBy(2).plusMillis(100));
        assertThat(two.acquire()).as("it was renewed").isEmpty();
        pass(LEASE);
        assertThat(two.acquire()).isPresent();
        assertThat(one.renew(lease)).isFalse();
    }

    @Test
    @DisplayName("L3 whoever has not the lease writes nothing")
    void whoeverHasNotTheLeaseWritesNothing() {
        Lease old = one.acquire().orElseThrow();
        pass(LEASE.plusMillis(100));
        assertThat(one.append(old, 0, entry(1))).isEqualTo(RelayLog.Written.NOT_LEADER);
        Lease lease = two.acquire().orElseThrow();
        assertThat(two.append(lease, 0, entry(1))).isEqualTo(RelayLog.Written.DONE);
        assertThat(one.append(old, 1, entry(2))).isEqualTo(RelayLog.Written.NOT_LEADER);
        assertThat(one.keep(old, entry(1))).isEqualTo(RelayLog.Written.NOT_LEADER);
        assertThat(one.end()).isEqualTo(1);
        assertThat(one.snapshot()).isEmpty();
    }

    @Test
    @DisplayName("L4 an entry is written only behind the end that its writer knows; indexes may be left out")
    void anEntryIsWrittenOnlyBehindTheEnd() {
        Lease lease = one.acquire().orElseThrow();
        assertThat(one.append(lease, 3, entry(4))).isEqualTo(RelayLog.Written.DIVERGED);
        assertThat(one.append(lease, 0, entry(5))).isEqualTo(RelayLog.Written.DONE);
        assertThat(one.append(lease, 0, entry(6))).isEqualTo(RelayLog.Written.DIVERGED);
        assertThat(one.append(lease, 5, entry(6))).isEqualTo(RelayLog.Written.DONE);
        assertThat(indexes(two.read(0, 10, NO_WAIT))).containsExactly(5L, 6L);
        assertThat(two.end()).isEqualTo(6);
    }

    @Test
    @DisplayName("L5 the newest entry written once more is written once")
    void theNewestEntryAgainIsWrittenOnce() {
        Lease lease = one.acquire().orElseThrow();
        one.append(lease, 0, entry(1));
        assertThat(one.append(lease, 0, entry(1))).isEqualTo(RelayLog.Written.DONE);
        assertThat(indexes(one.read(0, 10, NO_WAIT))).containsExactly(1L);
    }

    @Test
    @DisplayName("L6 reading gives entries in order from a place, as they were written, and waits for one")
    void readingGivesEntriesInOrder() throws Exception {
        Lease lease = one.acquire().orElseThrow();
        write(lease, 1, 20);
        assertThat(indexes(two.read(5, 4, NO_WAIT))).containsExactly(6L, 7L, 8L, 9L);
        assertThat(two.read(5, 1, NO_WAIT).get(0).bytes()).isEqualTo(entry(6).bytes());
        assertThat(two.read(20, 4, Duration.ofMillis(20))).isEmpty();
        CompletableFuture<List<RelayEntry>> waiting = CompletableFuture.supplyAsync(() -> {
            List<RelayEntry> found;
            do {
                found = two.read(20, 4, Duration.ofMillis(200));
            } while (found.isEmpty());
            return found;
        });
        one.renew(lease);
        one.append(lease, 20, entry(21));
        assertThat(indexes(waiting.get(5, TimeUnit.SECONDS))).containsExactly(21L);
    }

    @Test
    @DisplayName("L7 the newest entries are kept, and not many more")
    void theNewestEntriesAreKept() {
        Lease lease = one.acquire().orElseThrow();
        int step = KEPT / 10;
        for (int at = 1; at < 10 * KEPT; at += step) {
            one.renew(lease);
            write(lease, at, at + step - 1);
        }
        List<Long> kept = indexes(two.read(0, 100 * KEPT, NO_WAIT));
        assertThat(kept).endsWith(10L * KEPT).hasSizeBetween(KEPT, 3 * KEPT).isSorted();
        assertThat(kept.get(0)).isEqualTo(10L * KEPT - kept.size() + 1);
    }

    @Test
    @DisplayName("L8 the snapshot is the newest that was written")
    void theSnapshotIsTheNewest() {
        Lease lease = one.acquire().orElseThrow();
        assertThat(two.snapshot()).isEmpty();
        one.keep(lease, entry(3));
        one.keep(lease, new RelayEntry(7, new byte[1 << 20]));
        RelayEntry snapshot = two.snapshot().orElseThrow();
        assertThat(snapshot.index()).isEqualTo(7);
        assertThat(snapshot.bytes()).hasSize(1 << 20);
    }

    @Test
    @DisplayName("L9 a lease that is given back is free at once; one that is not held stays")
    void aLeaseThatIsGivenBackIsFree() {
        Lease old = one.acquire().orElseThrow();
        one.release(old);
        Lease lease = two.acquire().orElseThrow();
        one.release(old);
        assertThat(one.acquire()).isEmpty();
        assertThat(two.renew(lease)).isTrue();
    }

    @Test
    @DisplayName("L10 after close each call fails; closing twice is no error")
    void afterCloseEachCallFails() {
        one.close();
        one.close();
        assertThatThrownBy(() -> one.end()).isInstanceOf(PermanentException.class);
        assertThatThrownBy(() -> one.acquire()).isInstanceOf(PermanentException.class);
        assertThatThrownBy(() -> one.read(0, 1, Duration.ofMillis(50))).isInstanceOf(PermanentException.class);
    }

    private void write(Lease lease, long from, long to) {
        LongStream.rangeClosed(from, to)
                .forEach(index ->
                        assertThat(one.append(lease, index - 1, entry(index))).isEqualTo(RelayLog.Written.DONE));
    }

    private static RelayEntry entry(long index) {
        return new RelayEntry(index, ("entry " + index + "\r\n\0").getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private static List<Long> indexes(List<RelayEntry> entries) {
        return entries.stream().map(RelayEntry::index).toList();
    }
}
