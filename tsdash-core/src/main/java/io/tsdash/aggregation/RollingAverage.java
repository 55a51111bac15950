package io.tsdash.aggregation;

import io.tsdash.error.InvalidInputException;
import io.tsdash.model.Trade;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Averages over the last stretch of each symbol's event time: at any trade, over {@code (newest − size, newest]}.
 *
 * <p>Order does not matter: a trade that comes late counts if it still lies in the stretch, a duplicate once, a
 * correction in place of what it corrects, a cancelled one not at all. A value that was read is not revised; the next one
 * is right. Amortised O(1) for trades in order. Single-threaded.
 */
public final class RollingAverage {
    private final long sizeNanos;
    private final Map<String, RollingSums> symbols = new HashMap<>();

    /** @param size the length of the stretch, positive; 30 seconds is usual */
    public RollingAverage(Duration size) {
        if (size.isNegative() || size.isZero()) {
            throw InvalidInputException.of("size", size, "must be positive");
        }
        sizeNanos = size.toNanos();
    }

    /** Takes in a trade, a correction or a cancel, and says what became of it. */
    public Outcome add(Trade trade) {
        return symbols.computeIfAbsent(trade.symbol(), symbol -> new RollingSums(sizeNanos))
                .add(trade);
    }

    /** Returns the averages of a symbol as of its newest trade; empty if it has no trade that counts. */
    public Optional<RollingValue> latest(String symbol) {
        RollingSums sums = symbols.get(symbol);
        return sums == null ? Optional.empty() : sums.value(symbol);
    }
}
