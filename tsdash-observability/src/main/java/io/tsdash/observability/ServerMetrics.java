package io.tsdash.observability;

import io.tsdash.distribution.SessionOutput;
import io.tsdash.distribution.WireCode;
import io.tsdash.time.TimeSource;
import io.tsdash.transport.CloseReason;
import io.tsdash.transport.ConnectionListener;
import io.tsdash.transport.TrafficListener;
import io.tsdash.transport.TransportKind;
import io.tsdash.transport.TsdashServer;
import io.tsdash.transport.access.AccessListener;
import java.util.concurrent.atomic.LongAdder;

/** Measures a server: its connections, what goes over them, and who is refused. Thread-safe. */
public final class ServerMetrics implements TrafficListener, ConnectionListener, AccessListener {
    /** Lag is measured once a millisecond at most: a busy server's loops turn far more often. */
    private static final long LAG_STEP_NANOS = 1_000_000;

    private final TimeSource time;
    private final Meters.Histogram lag;
    private final LongAdder messagesOut = new LongAdder();
    private final LongAdder messagesIn = new LongAdder();
    private final LongAdder bytesOut = new LongAdder();
    private final LongAdder bytesIn = new LongAdder();
    private final Family<Meters.Histogram> requests;
    private final Family<Meters.Counter> opened;
    private final Family<Meters.Counter> closed;
    private final Family<Meters.Counter> refused;
    private final Meters.Counter limited;
    private volatile long lagNanos;

    /** @param time for lag */
    public ServerMetrics(Meters meters, TimeSource time) {
        this.time = time;
        lag = meters.histogram(Metric.STREAM_LAG, "socket");
        meters.total(Metric.MESSAGES, messagesOut::sum, "out");
        meters.total(Metric.MESSAGES, messagesIn::sum, "in");
        meters.total(Metric.TRAFFIC_BYTES, bytesOut::sum, "out");
        meters.total(Metric.TRAFFIC_BYTES, bytesIn::sum, "in");
        requests = Family.histograms(meters, Metric.HTTP_SERVER_REQUEST_DURATION);
        opened = Family.counters(meters, Metric.CONNECTIONS_OPENED);
        closed = Family.counters(meters, Metric.CONNECTIONS_CLOSED);
        refused = Family.counters(meters, Metric.ACCESS_REFUSED);
        limited = meters.counter(Metric.LIMITER_REFUSED, "requests");
        for (TransportKind transport : TransportKind.values()) {
            opened.get(transport);
            for (CloseReason reason : CloseReason.values()) {
                closed.get(transport, reason);
            }
        }
        for (WireCode code :
                new WireCode[] {WireCode.UNAUTHENTICATED, WireCode.FORBIDDEN, WireCode.TOO_MANY_COMMANDS}) {
            refused.get(code.code());
        }
    }

    /** Reads what a server has open. */
    public static void read(Meters meters, TsdashServer server) {
        for (TransportKind transport : TransportKind.values()) {
            meters.gauge(Metric.CONNECTIONS, () -> server.connections(transport), Family.tag(transport));
        }
        meters.gauge(Metric.SESSION_QUEUE, () -> server.queuedBytes().sum());
        meters.gauge(Metric.SESSION_QUEUE_MAX, () -> server.queuedBytes().max());
    }

    @Override
    public void sent(int messages, long bytes, long oldestNanos) {
        messagesOut.add(messages);
        bytesOut.add(bytes);
        if (oldestNanos != SessionOutput.NO_EVENT) {
            long now = time.epochNanos();
            if (now - lagNanos >= LAG_STEP_NANOS || now < lagNanos) {
                lagNanos = now; // if two loops do so at once, both count
                lag.record(now - oldestNanos);
            }
        }
    }

    @Override
    public void received(int bytes) {
        messagesIn.increment();
        bytesIn.add(bytes);
    }

    @Override
    public void answered(String method, String route, int status, long nanos) {
        requests.get(method, route, status).record(nanos);
    }

    @Override
    public void opened(TransportKind transport) {
        opened.get(transport).add(1);
    }

    @Override
    public void closed(TransportKind transport, CloseReason reason) {
        closed.get(transport, reason).add(1);
    }

    /** Counted as requests and as closed, by how that went. */
    @Override
    public void ended(String client, int code, String why) {}

    @Override
    public void refused(String client, String user, WireCode code, String why) {
        refused.get(code.code()).add(1);
    }

    @Override
    public void limited(String client, String user) {
        limited.add(1);
    }
}
