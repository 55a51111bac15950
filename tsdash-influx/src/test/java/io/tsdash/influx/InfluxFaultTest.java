package io.tsdash.influx;

import io.tsdash.store.MarketStore;
import io.tsdash.testkit.StoreFaultContract;
import io.tsdash.time.TimeSource;
import java.net.URI;
import java.time.Duration;

final class InfluxFaultTest extends StoreFaultContract {
    private final String database = TestServers.newDatabase();

    @Override
    protected int serverPort() {
        return TestServers.shared().port();
    }

    @Override
    protected MarketStore open(int port) {
        return InfluxMarketStore.open(
                InfluxOptions.at(URI.create("http://127.0.0.1:" + port))
                        .database(database)
                        .connectTimeout(TIMEOUT)
                        .requestTimeout(TIMEOUT)
                        .build(),
                TimeSource.system());
    }

    @Override
    protected Duration bound() {
        return TIMEOUT.multipliedBy(3);
    }
}
