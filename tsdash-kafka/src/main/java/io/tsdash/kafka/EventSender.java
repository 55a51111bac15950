package io.tsdash.kafka;

import io.tsdash.bus.BusListener;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.error.TsdashException;
import io.tsdash.kafka.format.FormatHeader;
import io.tsdash.kafka.format.Formats;
import io.tsdash.kafka.format.RecordFormat;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Trade;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.Span;
import io.tsdash.trace.SpanKind;
import io.tsdash.trace.TracedTrade;
import io.tsdash.trace.TradeTraces;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends events, in order by symbol, and knows what the brokers have not acknowledged.
 *
 * <p>What it has taken is sent as long as this process lives, however long the brokers are away; only what they refuse for
 * good, or what is left when it closes, is lost, and told. Thread-safe.
 */
final class EventSender {
    private static final Logger LOG = LoggerFactory.getLogger(EventSender.class);
    // A thousandth of what may wait, at a million events a second: looking more often costs more than it brings.
    private static final long LOOK_NANOS = 500_000;
    private static final long WAIT_NANOS = 1_000_000;

    private final Producer<byte[], byte[]> producer;
    private final String topic;
    private final SymbolKeys keys;
    private final RecordFormat<MarketEvent> format;
    private final List<Header> headers;
    private final int unacknowledgedMax;
    private final Duration timeout;
    private final BusListener listener;
    private final UnaryOperator<String> diagnosis;
    private final TimeSource time;
    private final AtomicInteger unacknowledged = new AtomicInteger();
    private final AtomicLongArray ends;
    private final AtomicReference<@Nullable Lost> lost = new AtomicReference<>();
    private volatile TradeTraces traces = TradeTraces.none();
    private volatile boolean closed;

    /** What was lost since the last publisher was told of it. */
    private record Lost(long count, TsdashException cause) {}

    /**
     * @param diagnosis says of a topic why nothing goes on there
     */
    EventSender(
            Producer<byte[], byte[]> producer,
            SymbolKeys keys,
            KafkaBusOptions options,
            BusListener listener,
            UnaryOperator<String> diagnosis,
            TimeSource time) {
        this.producer = producer;
        this.topic = options.topic();
        this.keys = keys;
        this.format = Formats.events(options.format());
        Headers named = new RecordHeaders();
        FormatHeader.put(named, options.format());
        this.headers = List.of(named.toArray());
        this.unacknowledgedMax = options.unacknowledgedMax();
        this.timeout = options.publishTimeout();
        this.listener = listener;
        this.diagnosis = diagnosis;
        this.time = time;
        ends = new AtomicLongArray(keys.partitions());
    }

    /** Takes an event; it is sent within milliseconds. Waits when too many are not acknowledged. */
    void send(MarketEvent event) {
        Sends sends = new Sends(1, false);
        send(event, 0, sends);
        TsdashException refusal = sends.leave();
        if (refusal != null) {
            throw refused(refusal, 0, sends);
        }
    }

    /** Sends events and waits until the brokers have acknowledged all of them. */
    void send(List<? extends MarketEvent> events) {
        Sends sends = new Sends(events.size(), true);
        for (int i = 0; i < events.size(); i++) {
            send(events.get(i), i, sends);
            if (sends.refusal != null) {
                break;
            }
        }
        sends.await();
    }

    /** Returns the position after the last event of a partition that was acknowledged here; 0 if there is none. */
    long end(int partition) {
        return ends.get(partition);
    }

    /** Waits until nothing is on its way; returns whether that was so in time. */
    boolean flush(long untilNanos) {
        while (unacknowledged.get() > 0) {
            if (time.monotonicNanos() >= untilNanos || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(this, LOOK_NANOS);
        }
        return true;
    }

    /** Returns whether events were lost of which no publisher has been told. */
    boolean hasLost() {
        return lost.get() != null;
    }

    /** Records the sending of trades that are followed, and names the span in their records. */
    void follow(TradeTraces followed) {
        traces = followed;
    }

    /** Refuses further events. */
    void close() {
        closed = true;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the callback hears of everything
    private void send(MarketEvent event, int accepted, Sends sends) {
        checkOpen(accepted, sends.size);
        awaitRoom(accepted, sends);
        SymbolKeys.Key key = keys.of(event.symbol());
        TracedTrade traced = traces.isOn() && event instanceof Trade trade ? traces.find(trade) : null;
        unacknowledged.incrementAndGet();
        try {
            if (traced == null) {
                producer.send(record(key, event, headers), sends);
            } else {
                send(key, event, traced, sends);
            }
        } catch (RuntimeException e) {
            // Not on its way, and no callback comes.
            unacknowledged.decrementAndGet();
            throw refused(KafkaErrors.translate("sending to topic '" + topic + "'", e), accepted, sends);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the callback hears of everything
    private void send(SymbolKeys.Key key, MarketEvent event, TracedTrade traced, Sends sends) {
        Span span = traces.tracer()
                .begin("kafka:send", SpanKind.PRODUCER, traced.context(), time.epochNanos())
                .tag("messaging.destination.name", topic);
        producer.send(record(key, event, TraceHeader.with(headers, span.context())), (metadata, problem) -> {
            if (problem != null) {
                span.failed(String.valueOf(problem.getMessage()));
            }
            span.end(time.epochNanos());
            sends.onCompletion(metadata, problem);
        });
    }

    private ProducerRecord<byte[], byte[]> record(SymbolKeys.Key key, MarketEvent event, List<Header> with) {
        return new ProducerRecord<>(topic, key.partition(), null, key.bytes(), format.write(event), with);
    }

    private void checkOpen(int accepted, int size) {
        if (closed) {
            throw new PermanentException("bus is closed");
        }
        Lost before = lost.getAndSet(null);
        if (before != null) {
            throw new PermanentException(
                    before.count + " events that were published before could not be sent: " + before.cause.getMessage()
                            + "; " + accepted + " of " + size + " events accepted",
                    before.cause);
        }
    }

    private void awaitRoom(int accepted, Sends sends) {
        if (unacknowledged.get() < unacknowledgedMax) {
            return;
        }
        long untilNanos = time.monotonicNanos() + timeout.toNanos();
        while (unacknowledged.get() >= unacknowledgedMax) {
            if (closed) {
                throw new PermanentException("bus is closed");
            }
            if (Thread.currentThread().isInterrupted()) {
                sends.leave();
                throw new TransientException(
                        "publisher was interrupted; " + accepted + " of " + sends.size + " events accepted");
            }
            if (time.monotonicNanos() >= untilNanos) {
                sends.leave();
                throw new TransientException(unacknowledged.get() + " events wait for the brokers' acknowledgement, and"
                        + " nothing more was taken for " + timeout + ": " + diagnosis.apply(topic) + "; " + accepted
                        + " of " + sends.size + " events accepted");
            }
            LockSupport.parkNanos(this, LOOK_NANOS);
        }
    }

    private TsdashException refused(TsdashException cause, int accepted, Sends sends) {
        sends.leave();
        String count = "; " + accepted + " of " + sends.size + " events accepted";
        return cause instanceof TransientException
                ? new TransientException(cause.getMessage() + " (" + diagnosis.apply(topic) + ")" + count, cause)
                : new PermanentException(cause.getMessage() + count, cause);
    }

    /** What one publisher has under way: it hears of a failure while it is there; the listener and the next one after. */
    private final class Sends implements Callback {
        private final int size;
        private final boolean waits;
        private final Thread publisher = Thread.currentThread();
        private int acknowledged;
        private boolean left;
        private volatile @Nullable TsdashException refusal;

        /** @param waits whether the publisher waits for all to be acknowledged */
        Sends(int size, boolean waits) {
            this.size = size;
            this.waits = waits;
        }

        @Override
        public void onCompletion(RecordMetadata metadata, @Nullable Exception problem) {
            try {
                if (problem == null) {
                    succeeded(metadata);
                } else {
                    failed(metadata, KafkaErrors.translate("sending to topic '" + topic + "'", problem));
                }
            } finally {
                // Last: who finds nothing on its way finds the rest done.
                unacknowledged.decrementAndGet();
            }
        }

        private void succeeded(RecordMetadata metadata) {
            if (metadata.hasOffset()) {
                // Only the producer's one thread writes them.
                ends.set(metadata.partition(), Math.max(ends.get(metadata.partition()), metadata.offset() + 1));
            }
            if (waits) {
                acknowledge();
            }
        }

        private void failed(RecordMetadata metadata, TsdashException cause) {
            if (!refuse(cause)) {
                LOG.error("an event that was accepted is lost: {}", cause.getMessage());
                lost.accumulateAndGet(new Lost(1, cause), Sends::add);
                listener.onUnsent(Math.max(0, metadata.partition()), 1, cause);
            }
        }

        private synchronized void acknowledge() {
            acknowledged++;
            if (acknowledged == size) {
                LockSupport.unpark(publisher);
            }
        }

        /** Returns whether the publisher is still there to hear of it. */
        private synchronized boolean refuse(TsdashException cause) {
            if (left) {
                return false;
            }
            if (refusal == null) {
                refusal = cause;
            }
            LockSupport.unpark(publisher);
            return true;
        }

        /** From here on the listener hears of failures. Returns what the publisher must still say. */
        synchronized @Nullable TsdashException leave() {
            left = true;
            return refusal;
        }

        synchronized int acknowledged() {
            return acknowledged;
        }

        void await() {
            long untilNanos = time.monotonicNanos() + timeout.toNanos();
            while (true) {
                TsdashException cause = refusal;
                if (cause != null) {
                    throw refused(cause, acknowledged(), this);
                }
                if (acknowledged() == size) {
                    return;
                }
                if (time.monotonicNanos() >= untilNanos
                        || Thread.currentThread().isInterrupted()) {
                    leave();
                    throw new TransientException("not all events were acknowledged within " + timeout + ": "
                            + diagnosis.apply(topic) + "; " + acknowledged() + " of " + size
                            + " events accepted, the others are sent when the brokers take them");
                }
                LockSupport.parkNanos(this, WAIT_NANOS);
            }
        }

        private static @Nullable Lost add(@Nullable Lost before, @Nullable Lost more) {
            if (before == null || more == null) {
                return more;
            }
            return new Lost(before.count + more.count, before.cause);
        }
    }
}
