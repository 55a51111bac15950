package io.tsdash.timescale;

import io.tsdash.error.ConfigurationException;
import io.tsdash.spi.ProviderOptions;
import io.tsdash.spi.StoreProvider;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Opens {@link TimescaleMarketStore} by the name {@code timescale}. */
public final class TimescaleStoreProvider implements StoreProvider {
    private static final String ADDRESS = "postgresql://host:port/database";

    /** For {@link java.util.ServiceLoader}. */
    public TimescaleStoreProvider() {}

    @Override
    public String name() {
        return "timescale";
    }

    @Override
    public String description() {
        return "TimescaleDB, or PostgreSQL without it, at " + ADDRESS + "; options: user, password, schema, sslMode,"
                + " sslRootCertificate, connectionsMax, connectTimeout, queryTimeout, maintenanceTimeout,"
                + " chunkInterval, columnstoreAfter, tradeRetention, refreshEvery (all times in seconds), refreshBy";
    }

    @Override
    public MarketStore open(ProviderOptions options, TimeSource time) {
        return TimescaleMarketStore.open(read(options), time);
    }

    @Override
    public List<String> plan(ProviderOptions options) {
        return TimescaleMarketStore.plan(read(options));
    }

    private static TimescaleOptions read(ProviderOptions options) {
        TimescaleOptionsBuilder builder = TimescaleOptions.builder();
        address(options, builder);
        builder.login(options.text("user", "tsdash"), options.text("password", ""))
                .schema(options.text("schema", "tsdash"))
                .sslMode(constant(options, "sslMode", SslMode.PREFER))
                .sslRootCertificate(options.text("sslRootCertificate", ""))
                .connectionsMax((int) options.wholeNumber("connectionsMax", 8))
                .connectTimeout(options.seconds("connectTimeout", Duration.ofSeconds(10)))
                .queryTimeout(options.seconds("queryTimeout", Duration.ofSeconds(30)))
                .maintenanceTimeout(options.seconds("maintenanceTimeout", Duration.ofMinutes(10)))
                .chunkInterval(options.seconds("chunkInterval", Duration.ofDays(1)))
                .columnstoreAfter(options.seconds("columnstoreAfter", Duration.ofDays(7)))
                .tradeRetention(options.seconds("tradeRetention", Duration.ZERO))
                .refresh(
                        options.seconds("refreshEvery", Duration.ofMinutes(1)),
                        constant(options, "refreshBy", RefreshBy.DATABASE));
        TimescaleOptions read = null;
        try {
            read = builder.build();
        } catch (ConfigurationException e) {
            e.problems().forEach(options::problem);
        }
        options.check();
        return Objects.requireNonNull(read, "a problem was reported");
    }

    private static void address(ProviderOptions options, TimescaleOptionsBuilder builder) {
        String text = options.argument();
        try {
            URI address = URI.create(text.startsWith("postgresql://") ? text : "postgresql://" + text);
            String host = address.getHost();
            String path = address.getPath();
            if (host == null || path == null || path.length() < 2 || address.getUserInfo() != null) {
                throw new IllegalArgumentException("incomplete");
            }
            builder.server(
                            host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                            address.getPort() < 0 ? TimescaleOptionsBuilder.DEFAULT_PORT : address.getPort())
                    .database(path.substring(1));
        } catch (IllegalArgumentException e) {
            // Without the text: it may hold a password.
            options.problem("the address must be like " + ADDRESS + ", with user and password as options of their own");
        }
    }

    private static <E extends Enum<E>> E constant(ProviderOptions options, String name, E defaultValue) {
        String text = options.text(name, word(defaultValue));
        E[] all = defaultValue.getDeclaringClass().getEnumConstants();
        return Arrays.stream(all)
                .filter(value -> word(value).equals(text))
                .findFirst()
                .orElseGet(() -> {
                    options.problem(name + " was '" + text + "' but it must be one of "
                            + Arrays.stream(all)
                                    .map(TimescaleStoreProvider::word)
                                    .toList());
                    return defaultValue;
                });
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
