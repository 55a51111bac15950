package io.tsdash.examples.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say where trades and bars are kept. */
final class StoreFlags {
    @Option(
            names = "--store",
            paramLabel = "STORE",
            description = "Where trades and bars are kept (duckdb); see below.")
    private @Nullable String store;

    @Option(
            names = "--store-url",
            paramLabel = "ADDRESS",
            description = "Address of the store; of duckdb a file (tsdash.duckdb in the data folder).")
    private @Nullable String url;

    @Option(names = "--store-user", paramLabel = "NAME", description = "User of the store.")
    private @Nullable String user;

    @Option(
            names = "--store-option",
            paramLabel = "NAME=VALUE",
            description = "An option of the store; may be repeated. The password: better in TSDASH_STORE_PASSWORD.")
    private Map<String, String> options = new LinkedHashMap<>();

    @Option(
            names = "--store-lanes",
            paramLabel = "N",
            description = "Batches under way to a store at once (duckdb 1, others 2).")
    private @Nullable String lanes;

    @Option(names = "--bars-store", paramLabel = "STORE", description = "Another store, for bars only.")
    private @Nullable String barsStore;

    @Option(names = "--bars-store-url", paramLabel = "ADDRESS", description = "Address of the store for bars.")
    private @Nullable String barsUrl;

    @Option(names = "--bars-store-user", paramLabel = "NAME", description = "User of the store for bars.")
    private @Nullable String barsUser;

    @Option(names = "--bars-store-option", paramLabel = "NAME=VALUE", description = "An option of the store for bars.")
    private Map<String, String> barsOptions = new LinkedHashMap<>();

    /** Returns what was given, by the names of the settings. */
    Map<String, String> values() {
        return new GivenFlags()
                .add("store", store)
                .add("store-url", url)
                .add("store-user", user)
                .add("store-lanes", lanes)
                .add("bars-store", barsStore)
                .add("bars-store-url", barsUrl)
                .add("bars-store-user", barsUser)
                .add("store.", options)
                .add("bars-store.", barsOptions)
                .values();
    }
}
