package io.tsdash.observability;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tsdash.aggregation.Outcome;
import io.tsdash.model.Trade;
import io.tsdash.time.TimeSource;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What a step tells its metrics leaves no garbage, so that measuring does not make the collector run. */
class HotPathAllocationTest {
    private static final int ROUNDS_MAX = 30;
    private static final int CALLS = 100_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Meters meters = new MicrometerMeters(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    private final Trade trade = Trade.of("AAPL", TimeSource.system().epochNanos(), 1, 150, 1);
    private final List<Trade> batch = List.of(trade);

    @TestFactory
    List<DynamicTest> nothingIsAllocatedByWhatIsToldOf() {
        PipelineMetrics pipeline = new PipelineMetrics(meters, List.of("memory"), TimeSource.system());
        ServerMetrics server = new ServerMetrics(meters, TimeSource.system());
        HubMetrics hub = new HubMetrics(meters);
        BusMetrics bus = new BusMetrics(meters, List.of("bars"));
        return List.of(
                none("a batch for the bars", () -> pipeline.onBatch(0, trade)),
                none("a late trade", () -> pipeline.onSetAside(trade, Outcome.TOO_LATE)),
                none("a batch in a store", () -> pipeline.onStored("memory", batch, 1, 0, 1_000_000)),
                none("a frame", () -> hub.framed(200)),
                none("conflated updates", () -> hub.conflated("s", 3)),
                none("what the bus dropped", () -> bus.onDropped("bars", 0, 1)),
                none("messages out", () -> server.sent(3, 600, trade.eventTimeNanos())),
                none("a message in", () -> server.received(60)));
    }

    private static DynamicTest none(String what, Runnable call) {
        return DynamicTest.dynamicTest(what, () -> {
            double bytes = Double.MAX_VALUE;
            // Until it is compiled, a clock that is read leaves an object.
            for (int i = 0; i < ROUNDS_MAX && bytes >= 1; i++) {
                bytes = bytesOfACall(call);
            }
            assertThat(bytes).as("bytes a call").isLessThan(1);
        });
    }

    /** Now and then the library looks for an exemplar: far less than an object a call. */
    private static double bytesOfACall(Runnable call) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < CALLS; i++) {
            call.run();
        }
        return (double) (THREADS.getCurrentThreadAllocatedBytes() - before) / CALLS;
    }
}
