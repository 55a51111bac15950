package io.tsdash.examples.recipes;

import io.tsdash.client.Replica;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.MarketChannels;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.model.Trade;
import io.tsdash.store.MarketStore;
import io.tsdash.transport.TsdashClient;
import io.tsdash.transport.TsdashClientListener;
import io.tsdash.transport.TsdashServer;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A live server inside a service of your own: publishes prices, and a client follows them. */
public final class EmbeddedServer {
    private static final long HALF_PAST_TWO = 1_723_127_400_000_000_000L; // 2024-08-08T14:30Z
    private static final long SECOND = 1_000_000_000L;

    private EmbeddedServer() {}

    /** Publishes two prices and prints what the client has got. */
    public static void main(String[] args) throws InterruptedException {
        try (MarketStore store = MarketStore.inMemory();
                Hub hub = Hub.builder().build();
                TsdashServer server = TsdashServer.builder(hub, store).port(0).start()) {
            hub.start();
            MarketChannels channels = MarketChannels.builder(hub).build();
            channels.events("my feed", List.of(Trade.of("AAPL", HALF_PAST_TWO, 1, 150.25, 100)));

            Following following = new Following();
            URI address = URI.create("ws://localhost:" + server.port() + "/prices");
            try (TsdashClient client = TsdashClient.builder(address)
                    .interval(Duration.ZERO)
                    .listener(following)
                    .connect()) {
                client.subscribe(List.of("prices:*"));
                await(following.snapshot);
                channels.events("my feed", List.of(Trade.of("AAPL", HALF_PAST_TWO + SECOND, 2, 150.5, 50)));
                await(following.delta);
                System.out.println("in all: " + client.read(replica -> replica.rows("prices:AAPL")));
            }
        }
    }

    private static void await(CountDownLatch latch) throws InterruptedException {
        if (!latch.await(10, TimeUnit.SECONDS)) {
            throw new IllegalStateException("nothing came within 10 s");
        }
    }

    /** Prints the price of each message; the client keeps the state by itself. */
    private static final class Following implements TsdashClientListener {
        final CountDownLatch snapshot = new CountDownLatch(1);
        final CountDownLatch delta = new CountDownLatch(1);

        @Override
        public void message(ServerMessage message, Replica.Outcome outcome) {
            if (message instanceof ServerMessage.Snapshot whole) {
                whole.rows().forEach(row -> System.out.println("snapshot: price " + row.get("price")));
                snapshot.countDown();
            } else if (message instanceof ServerMessage.Delta change) {
                change.rows().forEach(row -> System.out.println("delta: price " + row.get("price")));
                delta.countDown();
            }
        }

        @Override
        public void connection(boolean open, String reason) {
            System.out.println(open ? "connected" : "not connected: " + reason);
        }
    }
}
