package io.tsdash.timescale;

import io.tsdash.store.MarketStore;
import io.tsdash.testkit.FaultProxy;
import io.tsdash.testkit.MarketStoreContract;
import io.tsdash.time.TimeSource;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;

/** The rules of stores on one of the real servers, through a proxy that can cut the wire. */
abstract class StoreContract extends MarketStoreContract {
    private final FaultProxy proxy = FaultProxy.to("127.0.0.1", port());
    private final TimescaleOptions options = Servers.newSchema(proxy.port()).build();

    abstract int port();

    /** Returns the store over the server of this test. */
    MarketStore open(TimescaleOptions wanted) {
        return TimescaleMarketStore.open(wanted, TimeSource.system());
    }

    @Override
    protected MarketStore newStore() {
        return open(options);
    }

    @Override
    protected MarketStore reopened(MarketStore closed) {
        return open(options);
    }

    @Override
    public Optional<FaultProxy> wire() {
        return Optional.of(proxy);
    }

    @AfterEach
    void closeProxy() {
        proxy.close();
    }
}
