package io.tsdash.examples.server;

import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.tsdash.distribution.Alert;
import java.net.URI;
import java.util.Collection;
import java.util.concurrent.atomic.LongAdder;

/** An exporter whose failures are told, and spans too that found the queue before it full. Thread-safe. */
final class ToldExporter implements SpanExporter {
    private final SpanExporter exporter;
    private final long waitingMax;
    private final String where;
    private final EventReporter reporter;
    private final LongAdder ended = new LongAdder();
    private final LongAdder unsent = new LongAdder();
    private long handed; // of the one thread that exports
    private volatile long dropped; // written by that thread

    /**
     * @param waitingMax how many spans may wait before it
     * @param address told where spans should have gone
     */
    ToldExporter(SpanExporter exporter, long waitingMax, URI address, EventReporter reporter) {
        this.exporter = exporter;
        this.waitingMax = waitingMax;
        this.where = address.getHost() + ":" + address.getPort();
        this.reporter = reporter;
    }

    /** Returns what counts the spans on their way here. */
    SpanProcessor counting() {
        return new Counting();
    }

    /** Returns how many spans the back end did not take. */
    long unsent() {
        return unsent.sum();
    }

    /** Returns how many spans found the queue full. */
    long dropped() {
        return dropped;
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        tellDropped();
        handed += spans.size();
        int count = spans.size();
        CompletableResultCode result = exporter.export(spans);
        return result.whenComplete(() -> {
            if (!result.isSuccess()) {
                unsent.add(count);
                Throwable cause = result.getFailureThrowable();
                reporter.count(
                        "traces-unsent",
                        Alert.Severity.WARNING,
                        count,
                        "spans were not taken by " + where + (cause == null ? "" : ": " + cause.getMessage()));
            }
        });
    }

    @Override
    public CompletableResultCode flush() {
        return exporter.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
        return exporter.shutdown();
    }

    /** More have ended than were handed over and can wait: the rest is gone. */
    private void tellDropped() {
        long gone = ended.sum() - handed - waitingMax;
        long more = gone - dropped;
        if (more > 0) {
            dropped = gone;
            reporter.count(
                    "traces-dropped",
                    Alert.Severity.WARNING,
                    more,
                    "spans found their queue full: " + where + " is slow, or the share is large");
        }
    }

    private final class Counting implements SpanProcessor {
        @Override
        public void onStart(Context parent, ReadWriteSpan span) {}

        @Override
        public boolean isStartRequired() {
            return false;
        }

        @Override
        public void onEnd(ReadableSpan span) {
            ended.increment();
        }

        @Override
        public boolean isEndRequired() {
            return true;
        }
    }
}
