package io.tsdash.influx;

import io.tsdash.store.MarketStore;
import io.tsdash.testkit.ForeignZoneContract;
import io.tsdash.time.TimeSource;

/** InfluxDB knows UTC alone, whatever zone its machine is in: this process is what is elsewhere. */
final class InfluxForeignZoneTest extends ForeignZoneContract {
    private final String database = TestServers.newDatabase();

    @Override
    protected MarketStore newStore() {
        return reopened();
    }

    @Override
    protected MarketStore reopened() {
        return InfluxMarketStore.open(
                InfluxOptions.at(TestServers.shared().address())
                        .database(database)
                        .build(),
                TimeSource.system());
    }
}
