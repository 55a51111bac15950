package io.tsdash.timescale;

import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;

/** As on the build of TimescaleDB under the Apache licence: hypertables, and nothing pre-computed. */
class HypertableOnlyContractTest extends StoreContract {
    @Override
    int port() {
        return Servers.timescale().port();
    }

    @Override
    MarketStore open(TimescaleOptions options) {
        return TimescaleMarketStore.open(
                options,
                TimeSource.system(),
                real -> new Server(Server.Kind.TIMESCALEDB_APACHE, real.major(), real.minor(), real.extensionSchema()));
    }
}
