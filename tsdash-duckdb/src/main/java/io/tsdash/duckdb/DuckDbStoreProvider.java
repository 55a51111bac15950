package io.tsdash.duckdb;

import io.tsdash.spi.ProviderOptions;
import io.tsdash.spi.StoreProvider;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import java.nio.file.Path;
import java.util.List;

/** Opens a DuckDB file as a store; its address is the file. */
public final class DuckDbStoreProvider implements StoreProvider {

    /** For {@link java.util.ServiceLoader}. */
    public DuckDbStoreProvider() {}

    @Override
    public String name() {
        return "duckdb";
    }

    @Override
    public String description() {
        return "one file, in this process; FILE. Options: threads, memoryMegabytes, queryTimeout (s)";
    }

    @Override
    public MarketStore open(ProviderOptions options, TimeSource time) {
        return DuckDbMarketStore.open(read(options));
    }

    @Override
    public List<String> plan(ProviderOptions options) {
        return DuckDbMarketStore.plan(read(options));
    }

    private static DuckDbOptions read(ProviderOptions options) {
        if (options.argument().isEmpty()) {
            options.problem("address was empty but it must be a file");
        }
        DuckDbOptions defaults = DuckDbOptions.at(Path.of(options.argument()));
        int threads = (int) options.wholeNumber("threads", defaults.threads());
        int memory = (int) options.wholeNumber("memoryMegabytes", defaults.memoryMegabytesMax());
        var timeout = options.seconds("queryTimeout", defaults.queryTimeout());
        options.check();
        return new DuckDbOptions(defaults.file(), threads, memory, timeout);
    }
}
