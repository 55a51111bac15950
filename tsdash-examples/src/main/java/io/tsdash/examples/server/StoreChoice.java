package io.tsdash.examples.server;

import io.tsdash.spi.Stores;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import java.util.List;
import java.util.Map;

/**
 * A store that the user asked for.
 *
 * @param name the kind, such as {@code clickhouse}
 * @param address where it is
 * @param options its options by name
 */
public record StoreChoice(String name, String address, Map<String, String> options) {

    /** Keeps its own copy. */
    public StoreChoice {
        options = Map.copyOf(options);
    }

    /** Connects, brings the schema to this version, and opens it. */
    public MarketStore open(TimeSource time) {
        return Stores.open(name, address, options, time);
    }

    /** Returns the statements that {@link #open} would run now; changes nothing. */
    public List<String> plan() {
        return Stores.plan(name, address, options);
    }

    /** Names it for people; without its options, of which one may be a password. */
    @Override
    public String toString() {
        return name + " at " + address;
    }
}
