package io.tsdash.influx;

import io.tsdash.store.MarketStore;
import io.tsdash.testkit.RecordedMarketContract;
import io.tsdash.time.TimeSource;

/** Recorded markets through a real InfluxDB 1.x. */
final class InfluxRecordedMarketTest extends RecordedMarketContract {
    @Override
    protected MarketStore newStore() {
        return InfluxMarketStore.open(
                InfluxOptions.at(TestServers.shared().address())
                        .database(TestServers.newDatabase())
                        .build(),
                TimeSource.system());
    }
}
