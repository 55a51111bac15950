package io.tsdash.clickhouse;

import io.tsdash.store.MarketStore;
import io.tsdash.testkit.StoreFaultContract;
import io.tsdash.time.TimeSource;
import java.time.Duration;

class ClickHouseFaultTest extends StoreFaultContract {
    private final String database = TestServer.newDatabase();

    @Override
    protected int serverPort() {
        return TestServer.shared().port();
    }

    @Override
    protected MarketStore open(int port) {
        return ClickHouseMarketStore.open(
                TestServer.options(port, database)
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
