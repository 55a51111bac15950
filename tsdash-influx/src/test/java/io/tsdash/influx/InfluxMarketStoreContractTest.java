package io.tsdash.influx;

import io.tsdash.store.MarketStore;
import io.tsdash.testkit.FaultProxy;
import io.tsdash.testkit.MarketStoreContract;
import io.tsdash.time.TimeSource;
import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;

/** The rules of stores on a real InfluxDB 1.x. */
final class InfluxMarketStoreContractTest extends MarketStoreContract {
    private final FaultProxy proxy =
            FaultProxy.to("127.0.0.1", TestServers.shared().port());
    private final String database = TestServers.newDatabase();

    @Override
    protected MarketStore newStore() {
        return InfluxMarketStore.open(
                InfluxOptions.at(URI.create("http://127.0.0.1:" + proxy.port()))
                        .database(database)
                        .build(),
                TimeSource.system());
    }

    @Override
    protected MarketStore reopened(MarketStore closed) {
        return newStore();
    }

    @Override
    public Optional<FaultProxy> wire() {
        return Optional.of(proxy);
    }

    @AfterEach
    void closeProxy() {
        proxy.close();
    }
}
