package io.tsdash.clickhouse;

import io.tsdash.spi.ProviderOptions;
import io.tsdash.spi.StoreProvider;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** Opens ClickHouse by name: {@code clickhouse} at {@code http://localhost:8123/tsdash}. */
public final class ClickHouseStoreProvider implements StoreProvider {
    private static final int SCHEME_END = "https://".length();

    /** For {@link java.util.ServiceLoader}. */
    public ClickHouseStoreProvider() {}

    @Override
    public String name() {
        return "clickhouse";
    }

    @Override
    public String description() {
        return "ClickHouse at http://host:8123/database (https for TLS); user, password, writer, cluster, nodes (addresses"
                + " separated by blanks), replicated, queued-inserts, compressed, storage-policy, keep-trades-days,"
                + " keep-bars-days, connect-timeout and request-timeout in seconds";
    }

    @Override
    public MarketStore open(ProviderOptions options, TimeSource time) {
        return ClickHouseMarketStore.open(read(options), time);
    }

    @Override
    public List<String> plan(ProviderOptions options) {
        return ClickHouseMarketStore.plan(read(options));
    }

    private static ClickHouseOptions read(ProviderOptions options) {
        String address = options.argument();
        int slash = address.indexOf('/', Math.min(SCHEME_END, address.length()));
        String database = slash < 0 ? "" : address.substring(slash + 1);
        ClickHouseOptions.Builder builder = ClickHouseOptions.at(slash < 0 ? address : address.substring(0, slash))
                .database(database.isEmpty() ? "tsdash" : database)
                .user(options.text("user", "default"), options.text("password", ""))
                .writer(options.text("writer", "tsdash"))
                .cluster(options.text("cluster", ""))
                .nodes(Arrays.stream(options.text("nodes", "").split(" ", -1))
                        .filter(node -> !node.isEmpty())
                        .toList())
                .replicated(options.flag("replicated"))
                .queuedInserts(options.flag("queued-inserts"))
                .compressed(options.flag("compressed"))
                .storagePolicy(options.text("storage-policy", ""))
                .keepTrades(Duration.ofDays(options.wholeNumber("keep-trades-days", 0)))
                .keepBars(Duration.ofDays(options.wholeNumber("keep-bars-days", 0)))
                .connectTimeout(options.seconds("connect-timeout", Duration.ofSeconds(5)))
                .requestTimeout(options.seconds("request-timeout", Duration.ofSeconds(30)));
        options.check();
        return builder.build();
    }
}
