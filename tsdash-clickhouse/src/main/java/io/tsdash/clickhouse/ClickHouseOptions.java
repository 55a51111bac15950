package io.tsdash.clickhouse;

import io.tsdash.error.ConfigurationException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Where ClickHouse is, as whom we come, and how tables are laid out there. Immutable. */
public final class ClickHouseOptions {
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,62}");
    private static final Pattern WRITER = Pattern.compile("[A-Za-z0-9_.:-]{1,64}");

    private static final int BATCH_MIN = 1_000;
    private static final int BATCH_MAX = 1_000_000;

    private final Builder values;

    private ClickHouseOptions(Builder values) {
        this.values = values;
    }

    /**
     * Returns options for the server at this address, with everything else as it is by default.
     *
     * @param url such as {@code http://localhost:8123}; {@code https} for TLS
     */
    public static Builder at(String url) {
        return new Builder(url);
    }

    String url() {
        return values.url;
    }

    String database() {
        return values.database;
    }

    String user() {
        return values.user;
    }

    String password() {
        return values.password;
    }

    String writer() {
        return values.writer;
    }

    String cluster() {
        return values.cluster;
    }

    boolean clustered() {
        return !values.cluster.isEmpty();
    }

    List<String> nodes() {
        return values.nodes;
    }

    boolean replicated() {
        return values.replicated;
    }

    boolean queuedInserts() {
        return values.queuedInserts;
    }

    boolean compressed() {
        return values.compressed;
    }

    String storagePolicy() {
        return values.storagePolicy;
    }

    int batch() {
        return values.batch;
    }

    Duration keepTrades() {
        return values.keepTrades;
    }

    Duration keepBars() {
        return values.keepBars;
    }

    Duration connectTimeout() {
        return values.connectTimeout;
    }

    Duration requestTimeout() {
        return values.requestTimeout;
    }

    /** Returns the same options for another node of the cluster. */
    ClickHouseOptions toNode(String url) {
        Builder other = new Builder(url);
        other.database = values.database;
        other.user = values.user;
        other.password = values.password;
        other.connectTimeout = values.connectTimeout;
        other.requestTimeout = values.requestTimeout;
        return new ClickHouseOptions(other);
    }

    /** Returns address and database, without user and password. */
    @Override
    public String toString() {
        return values.url + "/" + values.database;
    }

    /** Collects options; {@link #build} checks them all at once. Single-threaded. */
    public static final class Builder {
        private final String url;
        private String database = "tsdash";
        private String user = "default";
        private String password = "";
        private String writer = "tsdash";
        private String cluster = "";
        private List<String> nodes = List.of();
        private boolean replicated;
        private boolean queuedInserts;
        private boolean compressed;
        private String storagePolicy = "";
        private int batch = 100_000;
        private Duration keepTrades = Duration.ZERO;
        private Duration keepBars = Duration.ZERO;
        private Duration connectTimeout = Duration.ofSeconds(5);
        private Duration requestTimeout = Duration.ofSeconds(30);

        private Builder(String url) {
            this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
        }

        /** The database of our tables; made where it is not there. */
        public Builder database(String name) {
            this.database = name;
            return this;
        }

        /** As whom to come. */
        public Builder user(String name, String secret) {
            this.user = name;
            this.password = secret;
            return this;
        }

        /**
         * The name of this writer: its own among those that live, and the same after a restart, since a writer that was killed
         * is known by it and what it left half done is put right.
         */
        public Builder writer(String name) {
            this.writer = name;
            return this;
        }

        /** The cluster, as the servers' configuration calls it: tables are sharded over it by symbol. */
        public Builder cluster(String name) {
            this.cluster = name;
            return this;
        }

        /** The addresses of all nodes: tables are then made node by node instead of {@code ON CLUSTER}. */
        public Builder nodes(List<String> urls) {
            this.nodes = List.copyOf(urls);
            return this;
        }

        /** Whether shards have replicas: tables are then of the Replicated engines, by the macros shard and replica. */
        public Builder replicated(boolean yes) {
            this.replicated = yes;
            return this;
        }

        /**
         * Whether the node that we write to queues for the other shards instead of waiting for them: it goes on while one is
         * away, and pre-computed bars are up to date only after {@code refreshBars}.
         */
        public Builder queuedInserts(boolean yes) {
            this.queuedInserts = yes;
            return this;
        }

        /** Whether requests and answers are compressed: worth it where the network is slower than the processor. */
        public Builder compressed(boolean yes) {
            this.compressed = yes;
            return this;
        }

        /** The storage policy of new tables, as the server's configuration calls it; empty for the server's default. */
        public Builder storagePolicy(String name) {
            this.storagePolicy = name;
            return this;
        }

        /** How many trades to ask for in one write: each costs the server some 40 ms whatever its size. */
        public Builder batch(int trades) {
            this.batch = trades;
            return this;
        }

        /** How long the server keeps trades, by event time, also those of before; zero for ever. */
        public Builder keepTrades(Duration age) {
            this.keepTrades = age;
            return this;
        }

        /** How long the server keeps pre-computed bars, by open time, also those of before; zero for ever. */
        public Builder keepBars(Duration age) {
            this.keepBars = age;
            return this;
        }

        /** How long to wait for a connection. */
        public Builder connectTimeout(Duration timeout) {
            this.connectTimeout = timeout;
            return this;
        }

        /** How long to wait for an answer. */
        public Builder requestTimeout(Duration timeout) {
            this.requestTimeout = timeout;
            return this;
        }

        /** @throws ConfigurationException with everything that is wrong */
        public ClickHouseOptions build() {
            List<String> problems = new ArrayList<>();
            checkUrl(problems, "url", url);
            nodes.forEach(node -> checkUrl(problems, "nodes", node));
            check(problems, NAME.matcher(database).matches(), "database", database, "be a plain name");
            check(problems, WRITER.matcher(writer).matches(), "writer", writer, "be 1 to 64 letters, digits, or _.:-");
            check(problems, !user.isEmpty(), "user", user, "not be empty");
            check(
                    problems,
                    cluster.isEmpty() || NAME.matcher(cluster).matches(),
                    "cluster",
                    cluster,
                    "be a plain name");
            check(
                    problems,
                    storagePolicy.isEmpty() || NAME.matcher(storagePolicy).matches(),
                    "storagePolicy",
                    storagePolicy,
                    "be a plain name");
            if (cluster.isEmpty()) {
                check(problems, nodes.isEmpty(), "nodes", nodes, "be left out without a cluster");
                check(problems, !replicated, "replicated", true, "be left out without a cluster");
                check(problems, !queuedInserts, "queuedInserts", true, "be left out without a cluster");
            }
            check(problems, batch >= BATCH_MIN && batch <= BATCH_MAX, "batch", batch, "be from 1,000 to 1,000,000");
            checkAge(problems, "keepTrades", keepTrades);
            checkAge(problems, "keepBars", keepBars);
            checkTimeout(problems, "connectTimeout", connectTimeout);
            checkTimeout(problems, "requestTimeout", requestTimeout);
            if (!problems.isEmpty()) {
                throw new ConfigurationException(problems);
            }
            return new ClickHouseOptions(copy());
        }

        private Builder copy() {
            Builder copy = new Builder(url);
            copy.database = database;
            copy.user = user;
            copy.password = password;
            copy.writer = writer;
            copy.cluster = cluster;
            copy.nodes = nodes;
            copy.replicated = replicated;
            copy.queuedInserts = queuedInserts;
            copy.compressed = compressed;
            copy.storagePolicy = storagePolicy;
            copy.batch = batch;
            copy.keepTrades = keepTrades;
            copy.keepBars = keepBars;
            copy.connectTimeout = connectTimeout;
            copy.requestTimeout = requestTimeout;
            return copy;
        }

        private static void checkUrl(List<String> problems, String name, String url) {
            boolean good;
            try {
                URI uri = new URI(url);
                good = ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                        && uri.getHost() != null
                        && uri.getPort() > 0
                        && uri.getPath().isEmpty()
                        && uri.getUserInfo() == null;
            } catch (URISyntaxException e) {
                good = false;
            }
            // A password that stands in the wrong place must not land in a log.
            check(problems, good, name, url.replaceAll("//.*@", "//***@"), "be like http://localhost:8123");
        }

        private static void checkAge(List<String> problems, String name, Duration age) {
            boolean good = age.isZero() || age.compareTo(Duration.ofHours(1)) >= 0;
            check(problems, good, name, age, "be at least 1 h, or zero for ever");
        }

        private static void checkTimeout(List<String> problems, String name, Duration timeout) {
            boolean good =
                    timeout.compareTo(Duration.ofMillis(100)) >= 0 && timeout.compareTo(Duration.ofHours(1)) <= 0;
            check(problems, good, name, timeout, "be from 100 ms to 1 h");
        }

        private static void check(List<String> problems, boolean good, String name, Object value, String rule) {
            if (!good) {
                problems.add(name + " was '" + value + "' but it must " + rule);
            }
        }
    }
}
