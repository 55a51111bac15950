package io.tsdash.influx;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** How one generation is spoken to: paths, names and credentials. Immutable, thread-safe. */
sealed interface InfluxDialect {
    /** Where points are kept: in 1.x a retention policy each. */
    enum Policy {
        /** Trades, and the marks of bars that they touched: both in one shard, so that they are written as one. */
        TRADES("tsdash_trades"),
        /** Bars and the schema's version: kept until they are deleted. */
        BARS("tsdash_bars");

        private final String text;

        Policy(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    static InfluxDialect of(InfluxGeneration generation, InfluxOptions options) {
        return switch (generation) {
            case V1 -> new V1(options);
            case V2 -> new V2(options);
            case V3 -> new V3(options);
        };
    }

    InfluxGeneration generation();

    /** Returns where points go, with nanoseconds as precision. */
    URI writeAddress(Policy policy);

    /** Returns where InfluxQL goes. */
    URI queryAddress();

    /** Returns the value of the header {@code Authorization}. */
    Optional<String> authorization();

    /** Returns a measurement as a query names it. */
    String from(Policy policy, String measurement);

    /** Returns how many statements a query may hold. */
    int statementsMax();

    private static URI address(InfluxOptions options, String path, String... parameters) {
        StringBuilder text = new StringBuilder(options.address().toString().replaceAll("/+$", "")).append(path);
        for (int i = 0; i < parameters.length; i += 2) {
            text.append(i == 0 ? '?' : '&')
                    .append(parameters[i])
                    .append('=')
                    .append(URLEncoder.encode(parameters[i + 1], StandardCharsets.UTF_8)
                            .replace("+", "%20"));
        }
        return URI.create(text.toString());
    }

    private static URI address(InfluxOptions options, String path) {
        return address(options, path, new String[0]);
    }

    /** InfluxDB 1.x. */
    record V1(InfluxOptions options) implements InfluxDialect {
        private static final int STATEMENTS_MAX = 100;

        @Override
        public InfluxGeneration generation() {
            return InfluxGeneration.V1;
        }

        @Override
        public URI writeAddress(Policy policy) {
            return address(options, "/write", "db", options.database(), "rp", policy.text(), "precision", "ns");
        }

        @Override
        public URI queryAddress() {
            // In pieces, or a server's max-row-limit would cut answers off.
            return address(options, "/query", "db", options.database(), "epoch", "ns", "chunked", "true");
        }

        /** Returns where statistics are: open to all, unless the server is told that they are for administrators. */
        URI statisticsAddress() {
            return address(options, "/debug/vars");
        }

        @Override
        public Optional<String> authorization() {
            if (options.user().isEmpty()) {
                return Optional.empty();
            }
            byte[] pair = (options.user() + ":" + options.password()).getBytes(StandardCharsets.UTF_8);
            return Optional.of("Basic " + Base64.getEncoder().encodeToString(pair));
        }

        @Override
        public String from(Policy policy, String measurement) {
            return "\"" + policy.text() + "\".\"" + measurement + "\"";
        }

        @Override
        public int statementsMax() {
            return STATEMENTS_MAX;
        }
    }

    /** InfluxDB 2.x: one bucket; queries go by the mapping of the database to it. */
    record V2(InfluxOptions options) implements InfluxDialect {
        private static final int STATEMENTS_MAX = 100;

        @Override
        public InfluxGeneration generation() {
            return InfluxGeneration.V2;
        }

        @Override
        public URI writeAddress(Policy policy) {
            return address(
                    options,
                    "/api/v2/write",
                    "org",
                    options.organisation(),
                    "bucket",
                    options.database(),
                    "precision",
                    "ns");
        }

        /** Returns where the request to delete goes. */
        URI deleteAddress() {
            return address(options, "/api/v2/delete", "org", options.organisation(), "bucket", options.database());
        }

        /** Returns where buckets of this name are asked for. */
        URI bucketAddress() {
            return address(options, "/api/v2/buckets", "org", options.organisation(), "name", options.database());
        }

        /** Returns where buckets are made. */
        URI bucketsAddress() {
            return address(options, "/api/v2/buckets");
        }

        /** Returns where the organisation is asked for. */
        URI organisationAddress() {
            return address(options, "/api/v2/orgs", "org", options.organisation());
        }

        @Override
        public URI queryAddress() {
            return address(options, "/query", "db", options.database(), "epoch", "ns");
        }

        @Override
        public Optional<String> authorization() {
            return options.token().isEmpty() ? Optional.empty() : Optional.of("Token " + options.token());
        }

        @Override
        public String from(Policy policy, String measurement) {
            return "\"" + measurement + "\"";
        }

        @Override
        public int statementsMax() {
            return STATEMENTS_MAX;
        }
    }

    /** InfluxDB 3.x. */
    record V3(InfluxOptions options) implements InfluxDialect {
        @Override
        public InfluxGeneration generation() {
            return InfluxGeneration.V3;
        }

        @Override
        public URI writeAddress(Policy policy) {
            return address(options, "/api/v3/write_lp", "db", options.database(), "precision", "nanosecond");
        }

        /** Returns where databases are listed. */
        URI databasesAddress() {
            return address(options, "/api/v3/configure/database", "format", "json");
        }

        /** Returns where databases are made. */
        URI databaseAddress() {
            return address(options, "/api/v3/configure/database");
        }

        @Override
        public URI queryAddress() {
            return address(options, "/query", "db", options.database(), "epoch", "ns");
        }

        @Override
        public Optional<String> authorization() {
            return options.token().isEmpty() ? Optional.empty() : Optional.of("Bearer " + options.token());
        }

        @Override
        public String from(Policy policy, String measurement) {
            return "\"" + measurement + "\"";
        }

        @Override
        public int statementsMax() {
            return 1;
        }
    }
}
