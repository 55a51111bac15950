package io.tsdash.benchmarks;

import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.tsdash.benchmarks.cost.CostlyPath;
import io.tsdash.benchmarks.cost.TracedPath;
import io.tsdash.engines.SkyWalkingServer;
import io.tsdash.observability.trace.OpenTelemetryTracer;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.TradeTraceListener;
import io.tsdash.trace.TradeTraces;
import java.io.IOException;
import java.nio.file.Files;

/**
 * What traces of a share of the trades cost: processor time of a trade without and with them, sent to a real back end in another
 * process, in turns as {@link MetricsCost} does. The exporter's own thread is counted.
 *
 * <p>Arguments: rounds of each (40), share (0.001).
 */
public final class TracesCost {
    private static final int SPANS_MAX = 8_192;

    private TracesCost() {}

    /** Runs it and prints what a trade costs. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 40;
        double share = arguments.length > 1 ? Double.parseDouble(arguments[1]) : 0.001;
        try (SkyWalkingServer backEnd = SkyWalkingServer.start(Files.createTempDirectory("skywalking"));
                SdkTracerProvider provider = provider("http://127.0.0.1:" + backEnd.otlpPort());
                CostlyPath off = new TracedPath(TradeTraces.none());
                CostlyPath on = new TracedPath(traces(provider, share))) {
            MetricsCost.run("traced", off, on, rounds);
        }
    }

    private static SdkTracerProvider provider(String endpoint) {
        return SdkTracerProvider.builder()
                .addSpanProcessor(BatchSpanProcessor.builder(OtlpGrpcSpanExporter.builder()
                                .setEndpoint(endpoint)
                                .build())
                        .setMaxQueueSize(SPANS_MAX)
                        .build())
                .build();
    }

    private static TradeTraces traces(SdkTracerProvider provider, double share) {
        OpenTelemetrySdk sdk =
                OpenTelemetrySdk.builder().setTracerProvider(provider).build();
        return new TradeTraces(new OpenTelemetryTracer(sdk), share, TradeTraceListener.none(), TimeSource.system());
    }
}
