package io.tsdash.clickhouse;

import io.tsdash.engines.ClickHouseServer;
import io.tsdash.store.MarketStore;
import io.tsdash.testkit.FaultProxy;
import io.tsdash.testkit.MarketStoreContract;
import io.tsdash.time.TimeSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;

/** Every rule over two shards. */
class ClickHouseClusterContractTest extends MarketStoreContract {
    private final String database = TestServer.newDatabase();
    private final List<ClickHouseServer> shards = TestServer.cluster();
    private final FaultProxy proxy = FaultProxy.to("127.0.0.1", shards.get(0).port());

    @AfterEach
    void drop() {
        proxy.close();
        shards.forEach(shard -> shard.execute("DROP DATABASE IF EXISTS " + database));
    }

    @Override
    protected MarketStore newStore() {
        return open();
    }

    @Override
    protected MarketStore reopened(MarketStore closed) {
        return open();
    }

    @Override
    public Optional<FaultProxy> wire() {
        return Optional.of(proxy);
    }

    private MarketStore open() {
        return ClickHouseMarketStore.open(
                TestServer.options(proxy.port(), database)
                        .cluster("tsdash")
                        .nodes(shards.stream().map(ClickHouseServer::url).toList())
                        .build(),
                TimeSource.system());
    }
}
