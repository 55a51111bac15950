package io.tsdash.kafka;

import io.tsdash.model.MarketEvent;
import io.tsdash.model.Trade;
import io.tsdash.trace.TraceContext;
import io.tsdash.trace.TradeTraces;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/** The header {@code traceparent} (W3C Trace Context), by which a trade's trace goes on where its record is read. */
final class TraceHeader {
    private static final String NAME = "traceparent";
    private static final int LENGTH_MAX = 256;

    private TraceHeader() {}

    /** Returns the headers and the one that names a span. */
    static List<Header> with(List<Header> headers, TraceContext context) {
        byte[] text = context.traceparent().getBytes(StandardCharsets.US_ASCII);
        return Stream.concat(headers.stream(), Stream.of(new RecordHeader(NAME, text)))
                .toList();
    }

    /** Has the trace go on that a record names, if it does. */
    static void read(ConsumerRecord<byte[], byte[]> record, MarketEvent event, TradeTraces traces) {
        if (traces.isOn() && event instanceof Trade trade && traces.covers(trade)) {
            Header header = record.headers().lastHeader(NAME);
            if (header != null && header.value() != null && header.value().length <= LENGTH_MAX) {
                traces.carried(
                        trade,
                        TraceContext.parse(new String(header.value(), StandardCharsets.US_ASCII)),
                        TimeUnit.MILLISECONDS.toNanos(record.timestamp()));
            }
        }
    }
}
