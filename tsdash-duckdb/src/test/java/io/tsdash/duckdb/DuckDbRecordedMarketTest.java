package io.tsdash.duckdb;

import io.tsdash.store.MarketStore;
import io.tsdash.testkit.RecordedMarketContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class DuckDbRecordedMarketTest extends RecordedMarketContract {
    @TempDir
    private Path folder;

    @Override
    protected MarketStore newStore() {
        return DuckDbMarketStore.open(DuckDbOptions.at(folder.resolve("store.duckdb")));
    }
}
