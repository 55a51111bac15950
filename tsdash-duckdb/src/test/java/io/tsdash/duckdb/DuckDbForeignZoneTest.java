package io.tsdash.duckdb;

import io.tsdash.store.MarketStore;
import io.tsdash.testkit.ForeignZoneContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** DuckDB lives in this process, and in its zone. */
class DuckDbForeignZoneTest extends ForeignZoneContract {
    @TempDir
    private Path folder;

    @Override
    protected MarketStore newStore() {
        return reopened();
    }

    @Override
    protected MarketStore reopened() {
        return DuckDbMarketStore.open(DuckDbOptions.at(folder.resolve("store.duckdb")));
    }
}
