package io.tsdash.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.distribution.ServerMessage;
import io.tsdash.examples.Eventually;
import io.tsdash.model.Side;
import io.tsdash.transport.TsdashClient;
import io.tsdash.transport.TsdashClientListener;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OrdersLifeTest {
    private static final int ORDERS = 60;

    @TempDir
    private Path folder;

    @Test
    void afterKillMinusNineEachOrderThatWasAcknowledgedIsThereOnce() throws Exception {
        List<String> acknowledged = new ArrayList<>();
        try (ServerProcess server = start();
                TsdashClient client = client(server)) {
            marketOpens(server);
            List<CompletableFuture<ServerMessage.OrderAck>> asked = new ArrayList<>();
            for (int i = 0; i < ORDERS; i++) {
                asked.add(client.order("c-" + i, "AAPL", Side.BUY, 0.01, 1));
            }
            asked.get(ORDERS / 3).get(20, TimeUnit.SECONDS);
            server.kill();
            for (int i = 0; i < ORDERS; i++) {
                if (asked.get(i).isDone() && !asked.get(i).isCompletedExceptionally()) {
                    acknowledged.add("c-" + i);
                }
            }
        }
        assertThat(acknowledged).hasSizeGreaterThan(ORDERS / 3);
        try (ServerProcess server = start();
                TsdashClient client = client(server)) {
            Eventually.holds(
                    "the orders that were acknowledged",
                    Duration.ofSeconds(20),
                    () -> names(client).containsAll(acknowledged));
            marketOpens(server);
            Set<String> ids = new HashSet<>();
            for (int i = 0; i < ORDERS; i++) {
                ids.add(client.order("c-" + i, "AAPL", Side.BUY, 0.01, 1)
                        .get(20, TimeUnit.SECONDS)
                        .orderId());
            }
            assertThat(ids).hasSize(ORDERS);
            Eventually.holds(
                    "each order", Duration.ofSeconds(20), () -> names(client).size() == ORDERS);
            server.terminate();
            assertThat(server.exitCode(Duration.ofSeconds(6))).isEqualTo(128 + 15);
            assertThat(server.text()).contains("has stopped");
        }
    }

    private static Set<String> names(TsdashClient client) {
        return client.read(replica -> {
            Set<String> names = new HashSet<>();
            replica.rows("orders").forEach(row -> names.add(String.valueOf(row.get("clientOrderId"))));
            return names;
        });
    }

    private static void marketOpens(ServerProcess server) {
        Eventually.holds(
                "the symbol trades",
                Duration.ofSeconds(60),
                () -> server.get("/latest?symbol=AAPL").contains("\"price\""));
    }

    private static TsdashClient client(ServerProcess server) {
        TsdashClient client = TsdashClient.connect(
                URI.create(server.address().replace("http", "ws") + "/orders"), 0, 1_000, TsdashClientListener.none());
        client.subscribe(List.of("orders"));
        return client;
    }

    private ServerProcess start() throws IOException {
        return new ServerProcess(
                folder, "--port", "0", "--data", folder.resolve("data").toString(), "--feed-option", "symbols=10");
    }
}
