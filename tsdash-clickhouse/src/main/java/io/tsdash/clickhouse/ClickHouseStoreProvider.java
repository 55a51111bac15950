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
                + " separated by blanks), replicated, queuedInserts, compressed, batch, storagePolicy, keepTradesDays,"
                + " keepBarsDays, connectTimeout and requestTimeout in seconds";
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
                .queuedInserts(options.flag("queuedInserts"))
                .compressed(options.flag("compressed"))
                .batch((int) Math.min(Integer.MAX_VALUE, options.wholeNumber("batch", 100_000)))
                .storagePolicy(options.text("storagePolicy", ""))
                .keepTrades(Duration.ofDays(options.wholeNumber("keepTradesDays", 0)))
                .keepBars(Duration.ofDays(options.wholeNumber("keepBarsDays", 0)))
                .connectTimeout(options.seconds("connectTimeout", Duration.ofSeconds(5)))
                .requestTimeout(options.seconds("requestTimeout", Duration.ofSeconds(30)));
        options.check();
        return builder.build();
    }
}
