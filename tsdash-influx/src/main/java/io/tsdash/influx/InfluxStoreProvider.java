package io.tsdash.influx;

import io.tsdash.error.ConfigurationException;
import io.tsdash.spi.ProviderOptions;
import io.tsdash.spi.StoreProvider;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Opens an InfluxDB as a store; its address is that of the server with the database as path. */
public final class InfluxStoreProvider implements StoreProvider {

    /** For {@link java.util.ServiceLoader}. */
    public InfluxStoreProvider() {}

    @Override
    public String name() {
        return "influx";
    }

    @Override
    public String description() {
        return "InfluxDB 1.x, 2.x, 3.x; http://HOST:8086/DATABASE. Options: generation (1, 2, 3), user, password,"
                + " token, org, connectTimeout (s), requestTimeout (s), tradeRetention (s), refreshEvery (s), gzip,"
                + " noPrecompute, continuousQueries";
    }

    @Override
    public MarketStore open(ProviderOptions options, TimeSource time) {
        return InfluxMarketStore.open(read(options), time);
    }

    @Override
    public List<String> plan(ProviderOptions options) {
        return InfluxMarketStore.plan(read(options));
    }

    private static InfluxOptions read(ProviderOptions options) {
        String address = options.argument().isEmpty() ? "http://localhost:8086" : options.argument();
        InfluxOptions.Builder builder = InfluxOptions.at(server(address, options));
        String database = database(address);
        if (!database.isEmpty()) {
            builder.database(database);
        }
        String generation = options.text("generation", "");
        if (!generation.isEmpty()) {
            try {
                builder.generation(InfluxGeneration.valueOf("V" + generation.toUpperCase(Locale.ROOT)));
            } catch (IllegalArgumentException e) {
                options.problem("generation was '" + generation + "' but it must be 1, 2 or 3");
            }
        }
        builder.credentials(options.text("user", ""), options.text("password", ""))
                .token(options.text("token", ""))
                .organisation(options.text("org", ""))
                .connectTimeout(options.seconds("connectTimeout", InfluxOptions.CONNECT_TIMEOUT))
                .requestTimeout(options.seconds("requestTimeout", InfluxOptions.REQUEST_TIMEOUT))
                .tradeRetention(options.seconds("tradeRetention", Duration.ZERO))
                .refreshEvery(options.seconds("refreshEvery", InfluxOptions.REFRESH_EVERY))
                .gzip(options.flag("gzip"))
                .precompute(!options.flag("noPrecompute"))
                .continuousQueries(options.flag("continuousQueries"));
        InfluxOptions built = null;
        try {
            built = builder.build();
        } catch (ConfigurationException e) {
            e.problems().forEach(options::problem);
        }
        options.check();
        return Objects.requireNonNull(built);
    }

    private static URI server(String address, ProviderOptions options) {
        String database = database(address);
        try {
            return URI.create(
                    database.isEmpty() ? address : address.substring(0, address.length() - database.length() - 1));
        } catch (IllegalArgumentException e) {
            options.problem("address was '" + address + "' but it must be like http://localhost:8086/tsdash");
            return URI.create("http://localhost:8086");
        }
    }

    /** Returns what follows the last slash, unless that is the host. */
    private static String database(String address) {
        int slash = address.lastIndexOf('/');
        return slash < 0 || address.startsWith("//", slash - 1) ? "" : address.substring(slash + 1);
    }
}
