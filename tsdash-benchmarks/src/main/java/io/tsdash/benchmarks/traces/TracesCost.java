package io.tsdash.benchmarks.traces;

import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.tsdash.engines.SkyWalkingServer;
import io.tsdash.observability.trace.OpenTelemetryTracer;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.TradeTraceListener;
import io.tsdash.trace.TradeTraces;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Locale;

/**
 * What traces of a share of the trades cost: processor time of a trade on its way through a whole pipeline without and with
 * them, sent to a real back end in another process.
 *
 * <p>Rounds alternate as off, on, on, off, so that what others do on the machine meets both. The exporter's own thread is
 * counted. Arguments: rounds of each (40), share (0.001).
 */
public final class TracesCost {
    private static final int WARM_ROUNDS = 12;

    private static final com.sun.management.OperatingSystemMXBean MACHINE =
            (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private TracesCost() {}

    /** Runs it and prints what a trade costs. */
    public static void main(String[] arguments) throws IOException {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 40;
        double share = arguments.length > 1 ? Double.parseDouble(arguments[1]) : 0.001;
        try (SkyWalkingServer backEnd = SkyWalkingServer.start(Files.createTempDirectory("skywalking"));
                SdkTracerProvider provider = SdkTracerProvider.builder()
                        .addSpanProcessor(BatchSpanProcessor.builder(OtlpGrpcSpanExporter.builder()
                                        .setEndpoint("http://127.0.0.1:" + backEnd.otlpPort())
                                        .build())
                                .setMaxQueueSize(8_192)
                                .build())
                        .build()) {
            TradeTraces traces = new TradeTraces(
                    new OpenTelemetryTracer(OpenTelemetrySdk.builder()
                            .setTracerProvider(provider)
                            .build()),
                    share,
                    TradeTraceListener.none(),
                    TimeSource.system());
            try (WholeWay off = new WholeWay(TradeTraces.none());
                    WholeWay on = new WholeWay(traces)) {
                run(off, on, rounds, share);
            }
        }
    }

    private static void run(WholeWay off, WholeWay on, int rounds, double share) {
        for (int i = 0; i < WARM_ROUNDS; i++) {
            off.round();
            on.round();
        }
        double[] offNanos = new double[rounds];
        double[] onNanos = new double[rounds];
        double[] ratios = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            if (i % 2 == 0) {
                offNanos[i] = nanos(off);
                onNanos[i] = nanos(on);
            } else {
                onNanos[i] = nanos(on);
                offNanos[i] = nanos(off);
            }
            ratios[i] = onNanos[i] / offNanos[i];
        }
        System.out.printf(
                Locale.ROOT,
                "share %s: off %,.0f ns, on %,.0f ns CPU a trade: %+.1f %% (median of %d pairs; quartiles %+.1f to %+.1f %%)%n",
                share,
                quantile(offNanos, 0.5),
                quantile(onNanos, 0.5),
                100 * (quantile(ratios, 0.5) - 1),
                rounds,
                100 * (quantile(ratios, 0.25) - 1),
                100 * (quantile(ratios, 0.75) - 1));
    }

    private static double nanos(WholeWay way) {
        long before = MACHINE.getProcessCpuTime();
        int trades = way.round();
        return (double) (MACHINE.getProcessCpuTime() - before) / trades;
    }

    private static double quantile(double[] values, double share) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) (share * (sorted.length - 1))];
    }
}
