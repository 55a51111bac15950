package io.tsdash.aggregation;

import io.tsdash.error.ConfigurationException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The pieces of a partition, by symbol, in the order in which they must be read. */
final class LoadedPieces {
    private static final Comparator<StateKey> ORDER = Comparator.comparingInt(StateKey::kind)
            .thenComparingLong(StateKey::major)
            .thenComparingInt(StateKey::minor);

    private final Map<String, TreeMap<StateKey, byte[]>> bySymbol = new HashMap<>();

    /**
     * Reads all pieces.
     *
     * @param settings what this aggregation is made with
     * @throws ConfigurationException if the state was made with other settings
     */
    LoadedPieces(StatePieces pieces, String settings) {
        pieces.forEach((bytes, piece) -> {
            StateKey key = StateKey.of(bytes);
            bySymbol.computeIfAbsent(key.symbol(), symbol -> new TreeMap<>(ORDER))
                    .put(key, piece);
        });
        byte[] kept = partition().get(settingsKey());
        if (kept != null && !settings.equals(new String(kept, StandardCharsets.UTF_8))) {
            throw new ConfigurationException(List.of("settings of the aggregation were '" + settings
                    + "' but the state that was kept is of '" + new String(kept, StandardCharsets.UTF_8)
                    + "': go on with those, or start without that state"));
        }
    }

    static StateKey settingsKey() {
        return new StateKey("", StateKey.SETTINGS, 0, 0);
    }

    boolean isEmpty() {
        return bySymbol.isEmpty();
    }

    /** Returns what belongs to no symbol. */
    SortedMap<StateKey, byte[]> partition() {
        return of("");
    }

    Collection<String> symbols() {
        return bySymbol.keySet().stream().filter(symbol -> !symbol.isEmpty()).toList();
    }

    SortedMap<StateKey, byte[]> of(String symbol) {
        return bySymbol.getOrDefault(symbol, new TreeMap<>(ORDER));
    }
}
