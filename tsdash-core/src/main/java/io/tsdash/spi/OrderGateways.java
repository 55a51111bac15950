package io.tsdash.spi;

import io.tsdash.error.InvalidInputException;
import io.tsdash.orders.OrderGateway;
import io.tsdash.time.TimeSource;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/** Opens order gateways by name, such as {@code paper:orders.jsonl}. Thread-safe. */
public final class OrderGateways {
    private OrderGateways() {}

    /** Returns all that is there, in order of name. */
    public static List<OrderGatewayProvider> available() {
        return ServiceLoader.load(OrderGatewayProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparing(OrderGatewayProvider::name))
                .toList();
    }

    /**
     * Opens a gateway without starting it.
     *
     * @param text a name, or a name, a colon and what the gateway makes of the rest
     * @param time the clocks it is to use
     * @throws InvalidInputException if there is no gateway of that name; the message lists those that are there
     */
    public static OrderGateway open(String text, TimeSource time) {
        int colon = text.indexOf(':');
        String name = colon < 0 ? text : text.substring(0, colon);
        List<OrderGatewayProvider> available = available();
        for (OrderGatewayProvider provider : available) {
            if (provider.name().equals(name)) {
                return provider.open(colon < 0 ? "" : text.substring(colon + 1), time);
            }
        }
        throw new InvalidInputException("orders was '" + text + "' but there is no gateway of that name. Available: "
                + available.stream().map(OrderGatewayProvider::name).collect(Collectors.joining(", ")));
    }
}
