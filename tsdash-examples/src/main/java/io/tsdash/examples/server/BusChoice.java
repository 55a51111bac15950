package io.tsdash.examples.server;

import io.tsdash.bus.BusListener;
import io.tsdash.bus.EventBus;
import io.tsdash.spi.Buses;
import io.tsdash.time.TimeSource;
import java.util.Map;

/**
 * A bus that the user asked for.
 *
 * @param name the kind, such as {@code kafka}
 * @param address where it is
 * @param options its options by name
 */
public record BusChoice(String name, String address, Map<String, String> options) {

    /** Keeps its own copy. */
    public BusChoice {
        options = Map.copyOf(options);
    }

    /** Connects, checks what it finds there, and opens it. */
    public EventBus open(BusListener listener, TimeSource time) {
        return Buses.open(name, address, options, listener, time);
    }

    /** Returns whether other servers are on it too. */
    boolean isBetweenServers() {
        return !name.equals("in-process");
    }

    /** Names it for people; without its options, of which one may be a password. */
    @Override
    public String toString() {
        return address.isEmpty() ? name : name + " at " + address;
    }
}
