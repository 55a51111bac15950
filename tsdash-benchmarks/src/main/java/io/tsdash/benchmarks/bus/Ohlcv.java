package io.tsdash.benchmarks.bus;

import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;

/**
 * The obvious class for a bar, as people write it for {@code aggregate}: no lateness of its own, no revisions, no
 * duplicates, plain sums. Open and close are those of the earliest and latest trade, which the most obvious one gets wrong.
 */
final class Ohlcv {
    private static final int BYTES = 10 * Long.BYTES;

    long firstNanos = Long.MAX_VALUE;
    long lastNanos = Long.MIN_VALUE;
    double open;
    double high = Double.NEGATIVE_INFINITY;
    double low = Double.POSITIVE_INFINITY;
    double close;
    double volume;
    double notional;
    long trades;

    Ohlcv add(long timeNanos, double price, double size) {
        if (timeNanos < firstNanos) {
            firstNanos = timeNanos;
            open = price;
        }
        if (timeNanos >= lastNanos) {
            lastNanos = timeNanos;
            close = price;
        }
        high = Math.max(high, price);
        low = Math.min(low, price);
        volume += size;
        notional += price * size;
        trades++;
        return this;
    }

    /** A form of fixed length: the fastest that such a class can have. */
    static Serializer<Ohlcv> compactWriter() {
        return (topic, bar) -> bar == null
                ? null
                : ByteBuffer.allocate(BYTES)
                        .putLong(bar.firstNanos)
                        .putLong(bar.lastNanos)
                        .putDouble(bar.open)
                        .putDouble(bar.high)
                        .putDouble(bar.low)
                        .putDouble(bar.close)
                        .putDouble(bar.volume)
                        .putDouble(bar.notional)
                        .putLong(bar.trades)
                        .array();
    }

    static Deserializer<Ohlcv> compactReader() {
        return (topic, bytes) -> {
            if (bytes == null) {
                return null;
            }
            ByteBuffer in = ByteBuffer.wrap(bytes);
            Ohlcv bar = new Ohlcv();
            bar.firstNanos = in.getLong();
            bar.lastNanos = in.getLong();
            bar.open = in.getDouble();
            bar.high = in.getDouble();
            bar.low = in.getDouble();
            bar.close = in.getDouble();
            bar.volume = in.getDouble();
            bar.notional = in.getDouble();
            bar.trades = in.getLong();
            return bar;
        };
    }
}
