package io.tsdash.transport;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.tsdash.distribution.HubReport;
import io.tsdash.distribution.Permissions;
import io.tsdash.distribution.WireCode;
import io.tsdash.error.TransientException;
import io.tsdash.time.TimeSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Shows operators who listens to what: {@code GET /operator/overview}. What was found serves all who ask within a second,
 * since to look costs the hub time. Thread-safe.
 */
final class OperatorRequests {
    static final String PATH = "/operator/overview";
    /** Must be given by this name: a {@code *} is for channels, and other users are none. */
    static final String PERMISSION = "operator";

    private static final int ROWS_DEFAULT = 50;
    private static final int ROWS_MAX = 500;
    private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final TsdashServer server;
    private final TimeSource time;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Kept kept;

    OperatorRequests(TsdashServer server) {
        this.server = server;
        this.time = server.hub().clock();
    }

    /** @throws ProblemException unless this is permitted */
    static void check(Permissions permissions) {
        if (!permissions.name(PERMISSION)) {
            throw new ProblemException(
                    HttpResponseStatus.FORBIDDEN,
                    WireCode.FORBIDDEN,
                    "the call needs the permission '" + PERMISSION + "' by this name but there are: " + permissions);
        }
    }

    /** Answers; blocks until the hub has looked. */
    Answer answer(Query query) throws InterruptedException {
        query.only("prefix", "limit");
        String prefix = query.text("prefix").orElse("");
        int rows = (int) query.integer("limit", ROWS_DEFAULT, 1, ROWS_MAX);
        HubReport report = report(prefix, rows);
        Map<String, String> addresses = addresses(report);
        return Answer.json(Json.bytes(json -> {
            json.writeStartObject();
            json.writeNumberProperty("connections", server.connections());
            json.writeNumberProperty("sessions", report.sessionCount());
            json.writeNumberProperty("channels", report.channelCount());
            json.writeName("mostHeard");
            json.writeStartArray();
            for (HubReport.OfChannel each : report.channels()) {
                json.writeStartObject();
                json.writeStringProperty("name", each.name());
                json.writeStringProperty("form", each.log() ? "log" : "state");
                json.writeNumberProperty("sequence", each.sequence());
                json.writeNumberProperty("subscribers", each.subscribers());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeName("slowest");
            json.writeStartArray();
            for (HubReport.OfSession each : report.sessions()) {
                json.writeStartObject();
                json.writeStringProperty("session", each.session());
                json.writeStringProperty("user", each.user());
                json.writeStringProperty("address", addresses.getOrDefault(each.session(), ""));
                json.writeNumberProperty("channels", each.channels());
                json.writeNumberProperty("intervalMillis", each.intervalMillis());
                json.writeNumberProperty("queuedBytes", each.queuedBytes());
                json.writeNumberProperty("fullMillis", each.fullMillis());
                json.writeNumberProperty("conflated", each.conflated());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }));
    }

    private HubReport report(String prefix, int rows) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            Kept last = kept;
            long now = time.monotonicNanos();
            if (last == null || now - last.nanos >= KEPT_NANOS || !last.prefix.equals(prefix) || last.rows != rows) {
                last = new Kept(prefix, rows, now, ask(prefix, rows));
                kept = last;
            }
            return last.report;
        } finally {
            lock.unlock();
        }
    }

    private HubReport ask(String prefix, int rows) throws InterruptedException {
        try {
            return server.hub()
                    .report(prefix, rows, rows)
                    .get(server.config().restTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new TransientException("the hub has not answered in time", e);
        } catch (ExecutionException e) {
            throw new TransientException("the hub has not answered: " + e.getCause(), e);
        }
    }

    private Map<String, String> addresses(HubReport report) {
        Map<String, String> addresses = new HashMap<>();
        report.sessions().forEach(each -> addresses.put(each.session(), ""));
        server.open()
                .forEach((session, output) ->
                        addresses.computeIfPresent(session.name(), (name, none) -> output.address()));
        return addresses;
    }

    private record Kept(String prefix, int rows, long nanos, HubReport report) {}
}
