package io.tsdash.observability.trace;

import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.tsdash.trace.Tracer;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** A tracer of the real SDK whose spans stay in memory. */
final class RecordedSpans implements AutoCloseable {
    private final InMemorySpanExporter spans = InMemorySpanExporter.create();
    private final SdkTracerProvider provider = SdkTracerProvider.builder()
            .addSpanProcessor(SimpleSpanProcessor.create(spans))
            .build();

    Tracer tracer() {
        return new OpenTelemetryTracer(
                OpenTelemetrySdk.builder().setTracerProvider(provider).build());
    }

    List<SpanData> all() {
        return spans.getFinishedSpanItems();
    }

    /** Returns the spans of this name. */
    List<SpanData> named(String name) {
        return all().stream().filter(span -> span.getName().equals(name)).toList();
    }

    /** Returns the spans of a trace, each with the name of the one above it, in order of name. */
    List<String> tree(String traceId) {
        List<SpanData> mine =
                all().stream().filter(span -> span.getTraceId().equals(traceId)).toList();
        Map<String, String> names = mine.stream().collect(Collectors.toMap(SpanData::getSpanId, SpanData::getName));
        return List.copyOf(new TreeSet<>(mine.stream()
                .map(span -> names.getOrDefault(span.getParentSpanId(), "-") + " > " + span.getName())
                .toList()));
    }

    @Override
    public void close() {
        provider.close();
    }
}
