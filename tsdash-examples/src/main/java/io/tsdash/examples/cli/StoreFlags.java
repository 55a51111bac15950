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
        Map<String, String> values = new LinkedHashMap<>();
        put(values, "store", store);
        put(values, "store-url", url);
        put(values, "store-user", user);
        put(values, "store-lanes", lanes);
        put(values, "bars-store", barsStore);
        put(values, "bars-store-url", barsUrl);
        put(values, "bars-store-user", barsUser);
        options.forEach((name, value) -> values.put("store." + name, value));
        barsOptions.forEach((name, value) -> values.put("bars-store." + name, value));
        return values;
    }

    private static void put(Map<String, String> values, String name, @Nullable String value) {
        if (value != null) {
            values.put(name, value);
        }
    }
}
