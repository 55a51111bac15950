package io.tsdash.testkit;

import static io.tsdash.testkit.StoreSamples.SECOND;
import static io.tsdash.testkit.StoreSamples.T0;
import static io.tsdash.testkit.StoreSamples.all;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.TransientException;
import io.tsdash.model.Trade;
import io.tsdash.store.MarketStore;
import io.tsdash.store.writer.StoreWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A server that does not answer, or not to the end: each call ends in time as a failure that may pass, and what a writer was
 * given meanwhile is in the store afterwards, once.
 *
 * <p>Extend it and say how the store is opened over a port.
 */
@Timeout(120)
public abstract class StoreFaultContract {
    /** How long a connection and an answer may take: the timeouts that {@link #open} sets. */
    protected static final Duration TIMEOUT = Duration.ofSeconds(2);

    /** What the wire does. */
    enum Fault {
        NEVER_ANSWERS,
        CLOSES_WITHIN_A_QUESTION,
        CLOSES_BEFORE_AN_ANSWER,
        CLOSES_WITHIN_AN_ANSWER,
        CLOSES_AT_ONCE;

        void begin(FaultProxy proxy) {
            switch (this) {
                case NEVER_ANSWERS -> proxy.beSilent();
                case CLOSES_WITHIN_A_QUESTION -> proxy.cutAfterSending(20);
                case CLOSES_BEFORE_AN_ANSWER -> proxy.cutAfterReceiving(0);
                case CLOSES_WITHIN_AN_ANSWER -> proxy.cutAfterReceiving(20);
                case CLOSES_AT_ONCE -> proxy.refuse();
            }
        }
    }

    /** For subclasses. */
    protected StoreFaultContract() {}

    /** Returns the port of the real server on the loopback. */
    protected abstract int serverPort();

    /** Opens what this test keeps over a port of the loopback, with {@link #TIMEOUT} for a connection and for an answer. */
    protected abstract MarketStore open(int port);

    /** Returns within what time a call ends, as the store states it. */
    protected abstract Duration bound();

    @ParameterizedTest(name = "a server that {0}: calls end in time, and nothing is lost")
    @EnumSource(Fault.class)
    void endsInTimeAndLosesNothing(Fault fault, @TempDir Path folder) throws Exception {
        try (FaultProxy proxy = FaultProxy.to("127.0.0.1", serverPort());
                MarketStore store = open(proxy.port());
                StoreWriter writer = SpillingWriter.start(store, folder)) {
            writer.write(trades(0, 500));
            assertThat(writer.flush(Duration.ofSeconds(30))).isTrue();

            fault.begin(proxy);
            assertEndsInTime(() -> store.appendTrades(trades(500, 600)));
            assertEndsInTime(() -> store.lastTrade("A"));
            assertEndsInTime(() -> open(proxy.port()).close());
            SpillingWriter.assertWaits(writer, trades(500, 1_500));

            proxy.heal();
            SpillingWriter.assertArrives(writer);
            assertThat(all(store, "A")).isEqualTo(trades(0, 1_500));
            assertThat(store.tradeCount()).isEqualTo(1_500);
        }
    }

    private void assertEndsInTime(ThrowingCallable call) {
        long start = System.nanoTime();
        assertThatThrownBy(call).isInstanceOf(TransientException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(bound());
    }

    private static List<Trade> trades(long from, long to) {
        return LongStream.range(from, to)
                .mapToObj(i -> Trade.of("A", T0 + i * SECOND, i, 100.0 + i % 7, 1))
                .toList();
    }
}
