package io.tsdash.timescale;

import io.tsdash.store.MarketStore;
import io.tsdash.testkit.StoreFaultContract;
import io.tsdash.time.TimeSource;
import java.time.Duration;

class PostgresFaultTest extends StoreFaultContract {
    private final String schema =
            Servers.newSchema(Servers.postgres().port()).build().schema();

    @Override
    protected int serverPort() {
        return Servers.postgres().port();
    }

    @Override
    protected MarketStore open(int port) {
        TimescaleOptions options = Servers.newSchema(port)
                .schema(schema)
                .connectTimeout(TIMEOUT)
                .queryTimeout(TIMEOUT)
                .maintenanceTimeout(TIMEOUT)
                .build();
        return TimescaleMarketStore.open(options, TimeSource.system());
    }

    /** The server's own timeout comes first, with 5 s to be told. */
    @Override
    protected Duration bound() {
        return TIMEOUT.plusSeconds(5 + 3);
    }
}
