package io.tsdash.clickhouse;

import io.tsdash.engines.ClickHouseServer;
import io.tsdash.store.MarketStore;
import io.tsdash.testkit.ForeignZoneContract;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A server in New York. */
class ClickHouseForeignZoneTest extends ForeignZoneContract {
    private static ClickHouseServer server;

    private final String database = TestServer.newDatabase();

    @BeforeAll
    static void start() {
        server = ClickHouseServer.startIn("America/New_York", TestServer.folder("clickhouse-new-york"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Override
    protected MarketStore newStore() {
        return reopened();
    }

    @Override
    protected MarketStore reopened() {
        return ClickHouseMarketStore.open(
                TestServer.options(server.port(), database)
                        .keepTrades(Duration.ofDays(10_000))
                        .build(),
                TimeSource.system());
    }
}
