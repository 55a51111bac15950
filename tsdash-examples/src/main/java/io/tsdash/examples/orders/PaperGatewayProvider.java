package io.tsdash.examples.orders;

import io.tsdash.error.InvalidInputException;
import io.tsdash.orders.OrderGateway;
import io.tsdash.spi.OrderGatewayProvider;
import io.tsdash.time.TimeSource;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Paper trading, under the name {@code paper}. */
public final class PaperGatewayProvider implements OrderGatewayProvider {

    /** Called by the service loader. */
    public PaperGatewayProvider() {}

    @Override
    public String name() {
        return "paper";
    }

    @Override
    public String description() {
        return "orders fill against the market that is served, and are kept in a journal: paper:FILE";
    }

    @Override
    public OrderGateway open(String argument, TimeSource time) {
        try {
            if (!argument.isBlank()) {
                return PaperGateway.open(Path.of(argument), time);
            }
        } catch (InvalidPathException e) {
            throw InvalidInputException.of("orders", "paper:" + argument, "must name a file: " + e.getMessage());
        }
        throw InvalidInputException.of("orders", "paper", "must name a file: paper:FILE");
    }
}
