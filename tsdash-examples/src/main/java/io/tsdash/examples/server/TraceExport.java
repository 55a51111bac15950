package io.tsdash.examples.server;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.tsdash.observability.trace.OpenTelemetryTracer;
import io.tsdash.trace.Tracer;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Records spans and sends them to a back end by OTLP, from a thread of its own. Spans that it cannot send in time are dropped, and
 * told; nothing ever waits for it. Thread-safe.
 */
final class TraceExport implements AutoCloseable {
    private static final int QUEUE_MAX = 8_192;
    private static final int BATCH_MAX = 512;
    private static final Duration DELAY = Duration.ofSeconds(1);
    private static final Duration CONNECT_MAX = Duration.ofSeconds(2);
    private static final Duration SEND_MAX = Duration.ofSeconds(5);
    private static final long CLOSE_SECONDS_MAX = 2;
    /** Held, so that it is not made anew: what it would say of failures is told here. */
    private static final Logger EXPORTERS = Logger.getLogger("io.opentelemetry");

    private final ToldExporter exporter;
    private final SdkTracerProvider provider;
    private final Tracer tracer;

    /** @param node tells this server from others */
    TraceExport(URI address, String node, EventReporter reporter) {
        EXPORTERS.setLevel(Level.OFF);
        exporter = new ToldExporter(exporter(address), QUEUE_MAX + BATCH_MAX, address, reporter);
        Resource resource = Resource.getDefault()
                .merge(Resource.create(Attributes.of(
                        AttributeKey.stringKey("service.name"), "tsdash",
                        AttributeKey.stringKey("service.version"), "0.1.0",
                        AttributeKey.stringKey("service.instance.id"), node)));
        provider = SdkTracerProvider.builder()
                .setResource(resource)
                .addSpanProcessor(exporter.counting())
                .addSpanProcessor(BatchSpanProcessor.builder(exporter)
                        .setMaxQueueSize(QUEUE_MAX)
                        .setMaxExportBatchSize(BATCH_MAX)
                        .setScheduleDelay(DELAY)
                        .setExporterTimeout(SEND_MAX)
                        .build())
                .build();
        tracer = new OpenTelemetryTracer(
                OpenTelemetrySdk.builder().setTracerProvider(provider).build());
    }

    Tracer tracer() {
        return tracer;
    }

    /** Returns what counts the spans that were lost. */
    ToldExporter exporter() {
        return exporter;
    }

    /** Sends what there is, within 2 s. */
    @Override
    public void close() {
        provider.shutdown().join(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
    }

    private static SpanExporter exporter(URI address) {
        if (address.getScheme().equals("otlp")) {
            return OtlpGrpcSpanExporter.builder()
                    .setEndpoint("http://" + address.getRawAuthority())
                    .setConnectTimeout(CONNECT_MAX)
                    .setTimeout(SEND_MAX)
                    .build();
        }
        return OtlpHttpSpanExporter.builder()
                .setEndpoint(address.toString())
                .setConnectTimeout(CONNECT_MAX)
                .setTimeout(SEND_MAX)
                .build();
    }
}
