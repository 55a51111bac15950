package io.tsdash.benchmarks.stores;

import io.tsdash.engines.InfluxServer;
import io.tsdash.influx.InfluxMarketStore;
import io.tsdash.influx.InfluxOptions;
import io.tsdash.model.Trade;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * InfluxDB 1.x: a server of its own, a database each; by hand, line protocol over HTTP, one request a batch, which neither
 * knows nor looks up what is there already, and where two trades of one nanosecond would overwrite each other.
 *
 * <p>Neither makes bars meanwhile: InfluxDB has no views, and ours are refreshed when asked.
 */
final class InfluxContender implements StoreContender {
    private final Path folder;
    private final InfluxServer server;
    private final MarketStore store;

    InfluxContender() {
        try {
            folder = Files.createTempDirectory("tsdash-influx");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server = InfluxServer.start(folder);
        store = open("ours");
    }

    @Override
    public MarketStore store() {
        return store;
    }

    @Override
    public HandWritten handWritten() {
        open("by_hand").close(); // makes the database and its retention policies
        return new ByHand(HttpClient.newHttpClient(), server.address());
    }

    @Override
    public long serverCpuNanos() {
        return CpuClock.nanosOf(server.pid());
    }

    @Override
    public void close() {
        store.close();
        server.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private MarketStore open(String database) {
        return InfluxMarketStore.open(
                InfluxOptions.at(server.address())
                        .database(database)
                        .requestTimeout(Duration.ofMinutes(5))
                        .refreshEvery(Duration.ZERO)
                        .build(),
                TimeSource.system());
    }

    private record ByHand(HttpClient client, URI server) implements HandWritten {
        private static final int NO_CONTENT = 204;

        @Override
        public void write(List<Trade> batch) throws IOException, InterruptedException {
            StringBuilder lines = new StringBuilder(batch.size() * 200);
            for (Trade trade : batch) {
                lines.append("trade,symbol=")
                        .append(trade.symbol())
                        .append(" price=")
                        .append(trade.price())
                        .append(",volume=")
                        .append(trade.volume())
                        .append(",counted_volume=")
                        .append(trade.volume())
                        .append(",counted_notional=")
                        .append(trade.price() * trade.volume())
                        .append(",counted=1i,priced=1i,flags=3i,version=0i,sequence=")
                        .append(trade.sequence())
                        .append("i,event=")
                        .append(trade.eventTimeNanos())
                        .append("i,received=")
                        .append(trade.receiveTimeNanos())
                        .append("i ")
                        .append(trade.eventTimeNanos())
                        .append('\n');
            }
            HttpRequest request = HttpRequest.newBuilder(
                            server.resolve("/write?db=by_hand&rp=tsdash_trades&precision=ns"))
                    .timeout(Duration.ofMinutes(5))
                    .POST(HttpRequest.BodyPublishers.ofString(lines.toString()))
                    .build();
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != NO_CONTENT) {
                throw new IOException(response.body());
            }
        }

        @Override
        public void close() {
            // the client ends with its last reference
        }
    }
}
