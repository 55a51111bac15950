package io.tsdash.aggregation;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.InvalidInputException;
import io.tsdash.model.Trade;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
    private final List<String> toSave = new ArrayList<>();
    private boolean settingsSaved;

    /** @param size the length of the stretch, positive; 30 seconds is usual */
    public RollingAverage(Duration size) {
        if (size.isNegative() || size.isZero()) {
            throw InvalidInputException.of("size", size, "must be positive");
        }
        sizeNanos = size.toNanos();
    }

    /** Takes in a trade, a correction or a cancel, and says what became of it. */
    public Outcome add(Trade trade) {
        RollingSums sums = sums(trade.symbol());
        if (sums.queueForSave()) {
            toSave.add(trade.symbol());
        }
        return sums.add(trade);
    }

    /** Writes the state to where it is kept, as {@link BarAggregator#save}. */
    public void save(StatePieces pieces) {
        if (!settingsSaved) {
            pieces.put(LoadedPieces.settingsKey().bytes(), settings().getBytes(StandardCharsets.UTF_8));
            settingsSaved = true;
        }
        for (String symbol : toSave) {
            sums(symbol).save(symbol, pieces);
        }
        toSave.clear();
    }

    /**
     * Goes on from what was saved, as {@link BarAggregator#load}.
     *
     * @throws ConfigurationException if the state is of a stretch of another length
     */
    public void load(StatePieces kept) {
        LoadedPieces pieces = new LoadedPieces(kept, settings());
        settingsSaved = !pieces.isEmpty();
        for (String symbol : pieces.symbols()) {
            sums(symbol).load(pieces.of(symbol));
        }
    }

    private RollingSums sums(String symbol) {
        return symbols.computeIfAbsent(symbol, name -> new RollingSums(sizeNanos));
    }

    private String settings() {
        return "size " + Duration.ofNanos(sizeNanos);
    }

    /** Returns the symbols that have come so far. */
    public Set<String> symbols() {
        return Set.copyOf(symbols.keySet());
    }

    /** Returns the averages of a symbol as of its newest trade; empty if it has no trade that counts. */
    public Optional<RollingValue> latest(String symbol) {
        RollingSums sums = symbols.get(symbol);
        return sums == null ? Optional.empty() : sums.value(symbol);
    }
}
