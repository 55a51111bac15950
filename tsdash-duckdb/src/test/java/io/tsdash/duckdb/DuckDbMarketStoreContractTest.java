package io.tsdash.duckdb;

import io.tsdash.store.MarketStore;
import io.tsdash.testkit.FaultProxy;
import io.tsdash.testkit.MarketStoreContract;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;

class DuckDbMarketStoreContractTest extends MarketStoreContract {
    @TempDir
    private Path folder;

    @Override
    protected MarketStore newStore() {
        return open();
    }

    @Override
    protected MarketStore reopened(MarketStore closed) {
        return open();
    }

    private MarketStore open() {
        return DuckDbMarketStore.open(DuckDbOptions.at(folder.resolve("store.duckdb")));
    }

    @Override
    public Optional<FaultProxy> wire() {
        return Optional.empty();
    }
}
