package io.tsdash.benchmarks.stores;

import com.clickhouse.client.api.Client;
import com.clickhouse.client.api.insert.InsertSettings;
import com.clickhouse.data.ClickHouseFormat;
import io.tsdash.clickhouse.ClickHouseMarketStore;
import io.tsdash.clickhouse.ClickHouseOptions;
import io.tsdash.engines.ClickHouseServer;
import io.tsdash.model.Trade;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/**
 * ClickHouse: a server of its own, a database each; by hand, one RowBinary insert a batch, which neither knows nor looks up
 * what is there already.
 */
final class ClickHouseContender implements StoreContender {
    private final Path folder;
    private final ClickHouseServer server;
    private final MarketStore store;

    ClickHouseContender() {
        try {
            folder = Files.createTempDirectory("tsdash-clickhouse");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server = ClickHouseServer.start(folder);
        store = open("ours");
    }

    @Override
    public MarketStore store() {
        return store;
    }

    @Override
    public HandWritten handWritten() {
        open("by_hand").close(); // makes the tables
        return new ByHand(new Client.Builder()
                .addEndpoint("http://127.0.0.1:" + server.directPort())
                .setUsername(ClickHouseServer.USER)
                .setPassword(ClickHouseServer.PASSWORD)
                .setDefaultDatabase("by_hand")
                .compressClientRequest(false)
                .serverSetting("async_insert", "0")
                .build());
    }

    @Override
    public long serverCpuNanos() {
        return CpuClock.nanosOf(server.handle().pid());
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
        return ClickHouseMarketStore.open(
                ClickHouseOptions.at("http://127.0.0.1:" + server.directPort())
                        .database(database)
                        .user(ClickHouseServer.USER, ClickHouseServer.PASSWORD)
                        .requestTimeout(Duration.ofMinutes(5))
                        .build(),
                TimeSource.system());
    }

    private record ByHand(Client client) implements HandWritten {
        private static final int ROW_BYTES_MAX = 128;
        private static final List<String> COLUMNS = List.of(
                "symbol",
                "ts",
                "seq",
                "received",
                "price",
                "volume",
                "side",
                "sets_price",
                "counts_volume",
                "version",
                "generation");

        @Override
        public void write(List<Trade> batch) throws ExecutionException, InterruptedException {
            client.insert(
                            "trades",
                            COLUMNS,
                            out -> encode(out, batch),
                            ClickHouseFormat.RowBinary,
                            new InsertSettings())
                    .get()
                    .close();
        }

        @Override
        public void close() {
            client.close();
        }

        private static void encode(OutputStream out, List<Trade> batch) throws IOException {
            ByteBuffer buffer = ByteBuffer.allocate(64 * 1024).order(ByteOrder.LITTLE_ENDIAN);
            for (Trade trade : batch) {
                if (buffer.remaining() < ROW_BYTES_MAX) {
                    out.write(buffer.array(), 0, buffer.position());
                    buffer.clear();
                }
                byte[] symbol = trade.symbol().getBytes(StandardCharsets.UTF_8);
                buffer.put((byte) symbol.length)
                        .put(symbol)
                        .putLong(trade.eventTimeNanos())
                        .putLong(trade.sequence())
                        .putLong(trade.receiveTimeNanos())
                        .putDouble(trade.price())
                        .putDouble(trade.volume())
                        .put((byte) 0)
                        .put((byte) 1)
                        .put((byte) 1)
                        .putInt(0)
                        .putLong(1);
            }
            out.write(buffer.array(), 0, buffer.position());
        }
    }
}
