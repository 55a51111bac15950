package io.tsdash.timescale;

import io.tsdash.store.MarketStore;
import io.tsdash.testkit.RecordedMarketContract;
import io.tsdash.time.TimeSource;

class TimescaleRecordedMarketTest extends RecordedMarketContract {
    @Override
    protected MarketStore newStore() {
        return TimescaleMarketStore.open(
                Servers.newSchema(Servers.timescale().port()).build(), TimeSource.system());
    }
}
