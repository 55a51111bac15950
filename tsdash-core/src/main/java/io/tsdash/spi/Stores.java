package io.tsdash.spi;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.InvalidInputException;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/** Opens stores by name, such as {@code clickhouse} at {@code http://localhost:8123/tsdash}. Thread-safe. */
public final class Stores {
    private Stores() {}

    /** Returns all that is there, in order of name. */
    public static List<StoreProvider> available() {
        return ServiceLoader.load(StoreProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparing(StoreProvider::name))
                .toList();
    }

    /**
     * Connects, brings the schema to this version, and opens the store.
     *
     * @param name the kind of store
     * @param address where it is; its form is the store's
     * @param options options by name
     * @param time the clocks it is to use
     * @throws InvalidInputException if there is no store of that name; the message lists those that are there
     * @throws ConfigurationException with everything that is wrong with the options
     */
    public static MarketStore open(String name, String address, Map<String, String> options, TimeSource time) {
        return provider(name).open(options(name, address, options), time);
    }

    /**
     * Returns the statements that {@link #open} would run now to bring the schema to this version; changes nothing.
     *
     * @param name the kind of store
     * @param address where it is; its form is the store's
     * @param options options by name
     * @throws InvalidInputException if there is no store of that name; the message lists those that are there
     * @throws ConfigurationException with everything that is wrong with the options
     */
    public static List<String> plan(String name, String address, Map<String, String> options) {
        return provider(name).plan(options(name, address, options));
    }

    private static ProviderOptions options(String name, String address, Map<String, String> options) {
        return new ProviderOptions("store '" + name + "'", address, options);
    }

    private static StoreProvider provider(String name) {
        List<StoreProvider> available = available();
        return available.stream()
                .filter(provider -> provider.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new InvalidInputException("store was '" + name + "' but there is none of that name. Available: "
                                + available.stream().map(StoreProvider::name).collect(Collectors.joining(", "))));
    }
}
