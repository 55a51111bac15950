package io.tsdash.spi;

import io.tsdash.bus.BusListener;
import io.tsdash.bus.EventBus;
import io.tsdash.error.ConfigurationException;
import io.tsdash.error.InvalidInputException;
import io.tsdash.time.TimeSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/** Opens buses by name, such as {@code in-process}, or {@code kafka} at {@code localhost:9092}. Thread-safe. */
public final class Buses {
    private Buses() {}

    /** Returns all that is there, in order of name. */
    public static List<BusProvider> available() {
        return ServiceLoader.load(BusProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparing(BusProvider::name))
                .toList();
    }

    /**
     * Connects, checks what it finds there, and opens the bus.
     *
     * @param name the kind of bus
     * @param address where it is; its form is the bus's
     * @param options options by name
     * @param listener told of what the bus does beside delivering
     * @param time the clocks it is to use
     * @throws InvalidInputException if there is no bus of that name; the message lists those that are there
     * @throws ConfigurationException with everything that is wrong with the options
     */
    public static EventBus open(
            String name, String address, Map<String, String> options, BusListener listener, TimeSource time) {
        List<BusProvider> available = available();
        return available.stream()
                .filter(provider -> provider.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new InvalidInputException("bus was '" + name + "' but there is none of that name. Available: "
                                + available.stream().map(BusProvider::name).collect(Collectors.joining(", "))))
                .open(new ProviderOptions("bus '" + name + "'", address, options), listener, time);
    }
}
