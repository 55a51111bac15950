package io.tsdash.clickhouse;

import io.tsdash.store.MarketStore;
import io.tsdash.testkit.FaultProxy;
import io.tsdash.testkit.MarketStoreContract;
import io.tsdash.time.TimeSource;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;

class ClickHouseMarketStoreContractTest extends MarketStoreContract {
    private final String database = TestServer.newDatabase();
    private final FaultProxy proxy =
            FaultProxy.to("127.0.0.1", TestServer.shared().port());

    @AfterEach
    void drop() {
        proxy.close();
        TestServer.shared().execute("DROP DATABASE IF EXISTS " + database);
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
                TestServer.options(proxy.port(), database).build(), TimeSource.system());
    }
}
