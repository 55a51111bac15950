package io.tsdash.examples.orders;

import io.tsdash.model.Trade;
import io.tsdash.orders.OrderGateway;
import io.tsdash.testkit.ManualTimeSource;
import io.tsdash.testkit.OrderGatewayContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

class PaperGatewayContractTest extends OrderGatewayContract {
    private final ManualTimeSource time = new ManualTimeSource(1_000_000_000_000L);

    @TempDir
    private Path folder;

    private int lives;

    @Override
    protected OrderGateway newGateway() {
        return open();
    }

    /** What a killed process leaves is its file as it is at that moment, locks gone. */
    @Override
    protected OrderGateway reopened(OrderGateway killed) {
        try {
            Files.copy(file(), folder.resolve("orders" + (lives + 1) + ".jsonl"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        killed.close();
        lives++;
        return open();
    }

    @Override
    protected void trade(OrderGateway gateway, double price, double volume) {
        gateway.onMarket(List.of(Trade.of(SYMBOL, 1, 1, price, volume)));
    }

    private OrderGateway open() {
        OrderGateway gateway = PaperGateway.open(file(), time);
        gateway.onMarket(List.of(Trade.of(SYMBOL, 0, 0, 1_000, 1)));
        return gateway;
    }

    private Path file() {
        return folder.resolve("orders" + lives + ".jsonl");
    }
}
