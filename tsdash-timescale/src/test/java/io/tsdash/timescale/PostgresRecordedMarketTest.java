package io.tsdash.timescale;

import io.tsdash.store.MarketStore;
import io.tsdash.testkit.RecordedMarketContract;
import io.tsdash.time.TimeSource;

class PostgresRecordedMarketTest extends RecordedMarketContract {
    @Override
    protected MarketStore newStore() {
        return TimescaleMarketStore.open(
                Servers.newSchema(Servers.postgres().port()).build(), TimeSource.system());
    }
}
