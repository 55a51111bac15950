package io.tsdash.clickhouse;

import io.tsdash.store.MarketStore;
import io.tsdash.testkit.RecordedMarketContract;
import io.tsdash.time.TimeSource;
import org.junit.jupiter.api.AfterEach;

class ClickHouseRecordedMarketTest extends RecordedMarketContract {
    private final String database = TestServer.newDatabase();

    @AfterEach
    void drop() {
        TestServer.shared().execute("DROP DATABASE IF EXISTS " + database);
    }

    @Override
    protected MarketStore newStore() {
        return ClickHouseMarketStore.open(
                TestServer.options(TestServer.shared().port(), database).build(), TimeSource.system());
    }
}
