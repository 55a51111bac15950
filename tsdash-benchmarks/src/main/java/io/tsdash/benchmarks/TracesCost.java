package io.tsdash.benchmarks;

import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.tsdash.benchmarks.cost.CostlyPath;
import io.tsdash.benchmarks.cost.KafkaPath;
import io.tsdash.benchmarks.cost.PipelinePath;
import io.tsdash.benchmarks.cost.RestPath;
import io.tsdash.benchmarks.cost.SocketsPath;
import io.tsdash.benchmarks.cost.TracedStorePath;
import io.tsdash.engines.KafkaCluster;
import io.tsdash.engines.SkyWalkingServer;
import io.tsdash.observability.trace.OpenTelemetryTracer;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.Tracer;
import io.tsdash.trace.TradeSample;
import io.tsdash.trace.TradeTraceListener;
import io.tsdash.trace.TradeTraces;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/**
 * What traces of a share of the trades cost, no more than so many a second, and of one request in a thousand: processor time of a trade and of a request without
 * and with them, sent to a real back end in another process, in turns as {@link MetricsCost} does. The exporter's own thread is
 * counted.
 *
 * <p>Arguments: rounds of each (40), share of the trades (0.001), most in a second (10), paths (all:
 * pipeline,store,duckdb,rest,sockets,kafka).
 */
public final class TracesCost {
    private static final int SPANS_MAX = 8_192;
    /** What a server has followed after some minutes: before that, tracing's code runs as it was loaded, and costs several times as much. */
    private static final TradeSample WARM_SAMPLE = new TradeSample(1, 200);

    private static final int WARM_ROUNDS = 30;

    private TracesCost() {}

    /** Runs it and prints a line a path. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 40;
        double share = arguments.length > 1 ? Double.parseDouble(arguments[1]) : 0.001;
        int perSecondMax = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 10;
        TradeSample sample = new TradeSample(share, perSecondMax);
        List<String> paths = List.of(
                (arguments.length > 3 ? arguments[3] : "pipeline,store,duckdb,rest,sockets,kafka").split(",", -1));
        try (SkyWalkingServer backEnd = SkyWalkingServer.start(Files.createTempDirectory("skywalking"));
                SdkTracerProvider provider = provider("http://127.0.0.1:" + backEnd.otlpPort())) {
            Tracer tracer = tracer(provider);
            warm(traces(tracer, WARM_SAMPLE));
            for (String path : paths) {
                run(path, tracer, traces(tracer, sample), rounds);
            }
        }
    }

    private static void run(String path, Tracer tracer, TradeTraces traces, int rounds)
            throws IOException, InterruptedException {
        switch (path) {
            case "pipeline" -> {
                try (CostlyPath off = new PipelinePath(false, TradeTraces.none());
                        CostlyPath on = new PipelinePath(false, traces)) {
                    MetricsCost.run(path, off, on, rounds);
                }
            }
            case "store" -> {
                try (CostlyPath off = TracedStorePath.nowhere(TradeTraces.none());
                        CostlyPath on = TracedStorePath.nowhere(traces)) {
                    MetricsCost.run(path, off, on, rounds);
                }
            }
            case "duckdb" -> {
                try (CostlyPath off = TracedStorePath.duckDb(TradeTraces.none());
                        CostlyPath on = TracedStorePath.duckDb(traces)) {
                    MetricsCost.run(path, off, on, rounds);
                }
            }
            case "rest" -> {
                try (CostlyPath off = new RestPath(false, Tracer.none());
                        CostlyPath on = new RestPath(false, tracer)) {
                    MetricsCost.run(path, off, on, rounds);
                }
            }
            case "sockets" -> {
                try (CostlyPath off = new SocketsPath(false, TradeTraces.none());
                        CostlyPath on = new SocketsPath(false, traces)) {
                    MetricsCost.run(path, off, on, rounds);
                }
            }
            case "kafka" -> {
                try (KafkaCluster broker = KafkaCluster.start(Files.createTempDirectory("kafka"), 1);
                        CostlyPath off = new KafkaPath(broker.servers(), "off", false, TradeTraces.none());
                        CostlyPath on = new KafkaPath(broker.servers(), "on", false, traces)) {
                    MetricsCost.run(path, off, on, rounds);
                }
            }
            default -> throw new IllegalArgumentException("path was '" + path + "' but there is no such one");
        }
    }

    private static void warm(TradeTraces traces) throws IOException, InterruptedException {
        try (CostlyPath path = new PipelinePath(false, traces)) {
            for (int i = 0; i < WARM_ROUNDS; i++) {
                path.round();
            }
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

    private static Tracer tracer(SdkTracerProvider provider) {
        return new OpenTelemetryTracer(
                OpenTelemetrySdk.builder().setTracerProvider(provider).build());
    }

    private static TradeTraces traces(Tracer tracer, TradeSample sample) {
        return new TradeTraces(tracer, sample, TradeTraceListener.none(), TimeSource.system());
    }
}
