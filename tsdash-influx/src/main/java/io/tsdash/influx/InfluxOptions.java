package io.tsdash.influx;

import io.tsdash.error.ConfigurationException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where an InfluxDB is, who we are there, and how long a call may take. Immutable; {@link #at} begins one.
 */
public final class InfluxOptions {
    static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);
    static final Duration REFRESH_EVERY = Duration.ofMinutes(1);
    private static final Duration RETENTION_MAX = Duration.ofDays(36_500);

    private final URI address;
    private final Optional<InfluxGeneration> generation;
    private final String database;
    private final String organisation;
    private final String user;
    private final String password;
    private final String token;
    private final Duration connectTimeout;
    private final Duration requestTimeout;
    private final Duration tradeRetention;
    private final Duration refreshEvery;
    private final boolean gzip;
    private final boolean precompute;
    private final boolean continuousQueries;

    private InfluxOptions(Builder builder) {
        this.address = builder.address;
        this.generation = builder.generation;
        this.database = builder.database;
        this.organisation = builder.organisation;
        this.user = builder.user;
        this.password = builder.password;
        this.token = builder.token;
        this.connectTimeout = builder.connectTimeout;
        this.requestTimeout = builder.requestTimeout;
        this.tradeRetention = builder.tradeRetention;
        this.refreshEvery = builder.refreshEvery;
        this.gzip = builder.gzip;
        this.precompute = builder.precompute;
        this.continuousQueries = builder.continuousQueries;
    }

    /**
     * Begins options with database {@code tsdash}, timeouts of 5 s to connect and 30 s a request, and no credentials.
     *
     * @param address such as {@code http://localhost:8086}
     */
    public static Builder at(URI address) {
        return new Builder(address);
    }

    URI address() {
        return address;
    }

    Optional<InfluxGeneration> generation() {
        return generation;
    }

    String database() {
        return database;
    }

    String organisation() {
        return organisation;
    }

    String user() {
        return user;
    }

    String password() {
        return password;
    }

    String token() {
        return token;
    }

    Duration connectTimeout() {
        return connectTimeout;
    }

    Duration requestTimeout() {
        return requestTimeout;
    }

    Duration tradeRetention() {
        return tradeRetention;
    }

    Duration refreshEvery() {
        return refreshEvery;
    }

    boolean gzip() {
        return gzip;
    }

    boolean precompute() {
        return precompute;
    }

    boolean continuousQueries() {
        return continuousQueries;
    }

    /** Returns the place for messages: without user and password. */
    String place() {
        return address + "/" + database;
    }

    /** Collects options and holds them against their rules. Single-threaded. */
    public static final class Builder {
        private final URI address;
        private Optional<InfluxGeneration> generation = Optional.empty();
        private String database = "tsdash";
        private String organisation = "";
        private String user = "";
        private String password = "";
        private String token = "";
        private Duration connectTimeout = CONNECT_TIMEOUT;
        private Duration requestTimeout = REQUEST_TIMEOUT;
        private Duration tradeRetention = Duration.ZERO;
        private Duration refreshEvery = REFRESH_EVERY;
        private boolean gzip;
        private boolean precompute = true;
        private boolean continuousQueries;

        private Builder(URI address) {
            this.address = address;
        }

        /** Sets which API the server speaks; without it the server is asked once, when the store is opened. */
        public Builder generation(InfluxGeneration value) {
            generation = Optional.of(value);
            return this;
        }

        /** Sets the database; in 2.x the bucket. */
        public Builder database(String value) {
            database = value;
            return this;
        }

        /** Sets the organisation; 2.x only. */
        public Builder organisation(String value) {
            organisation = value;
            return this;
        }

        /** Sets name and password; 1.x only. */
        public Builder credentials(String name, String secret) {
            user = name;
            password = secret;
            return this;
        }

        /** Sets the token; 2.x and 3.x. */
        public Builder token(String value) {
            token = value;
            return this;
        }

        /** Sets how long connecting may take; 5 s. */
        public Builder connectTimeout(Duration value) {
            connectTimeout = value;
            return this;
        }

        /** Sets how long a request may take, from the first byte sent to the last received; 30 s. */
        public Builder requestTimeout(Duration value) {
            requestTimeout = value;
            return this;
        }

        /** Sets after which time the server removes trades by itself, from 1 h to 36,500 days; zero, as without it, keeps them. */
        public Builder tradeRetention(Duration value) {
            tradeRetention = value;
            return this;
        }

        /** Sets how often pre-computed bars are brought up to date by the store itself; zero: only when asked. 1 min. */
        public Builder refreshEvery(Duration value) {
            refreshEvery = value;
            return this;
        }

        /** Compresses what is written: less traffic, more work. Off, which suits a server nearby. */
        public Builder gzip(boolean value) {
            gzip = value;
            return this;
        }

        /** Keeps bars of 1m, 5m, 1h and 1d up to date; on. In 3.x there are none either way. */
        public Builder precompute(boolean value) {
            precompute = value;
            return this;
        }

        /**
         * Lets a server of 1.x make the bars of the running windows too, each minute, by continuous queries. Off: the store
         * makes them itself as often; this is for databases into which others write trades, and costs as much again.
         */
        public Builder continuousQueries(boolean value) {
            continuousQueries = value;
            return this;
        }

        /**
         * Returns the options.
         *
         * @throws ConfigurationException with everything that is wrong
         */
        public InfluxOptions build() {
            List<String> problems = new ArrayList<>();
            String scheme = String.valueOf(address.getScheme());
            if (!(scheme.equals("http") || scheme.equals("https")) || address.getHost() == null) {
                problems.add(
                        "address was '" + withoutSecrets() + "' but it must be like http://localhost:8086, or https");
            }
            if (address.getUserInfo() != null) {
                problems.add("address was '" + withoutSecrets()
                        + "' with a name before the host but it must have none: set credentials apart");
            }
            if (!database.matches("[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")) {
                problems.add(
                        "database was '" + database
                                + "' but it must have 1 to 64 letters, digits, '_', '-' or '.', and begin with none of the last two");
            }
            if (!token.isEmpty() && !user.isEmpty()) {
                problems.add("user was '" + user + "' but it must not be combined with a token");
            }
            if (generation.equals(Optional.of(InfluxGeneration.V2)) && organisation.isEmpty()) {
                problems.add("organisation was '' but it must be set for InfluxDB 2.x");
            }
            if ((user + password + token).chars().anyMatch(c -> c < ' ' || c == 127)) {
                problems.add("credentials held control characters but they must not");
            }
            positive(problems, "connectTimeout", connectTimeout);
            positive(problems, "requestTimeout", requestTimeout);
            if (tradeRetention.isNegative()
                    || (!tradeRetention.isZero() && tradeRetention.compareTo(Duration.ofHours(1)) < 0)
                    || tradeRetention.compareTo(RETENTION_MAX) > 0) {
                problems.add(
                        "tradeRetention was '" + tradeRetention + "' but it must be zero or from 1 h to 36500 days");
            }
            if (refreshEvery.isNegative()
                    || (!refreshEvery.isZero() && refreshEvery.compareTo(Duration.ofSeconds(1)) < 0)) {
                problems.add("refreshEvery was '" + refreshEvery + "' but it must be zero or at least 1 s");
            }
            if (!problems.isEmpty()) {
                throw new ConfigurationException(problems);
            }
            return new InfluxOptions(this);
        }

        private String withoutSecrets() {
            String text = address.toString();
            return address.getRawUserInfo() == null ? text : text.replace(address.getRawUserInfo() + "@", "…@");
        }

        private static void positive(List<String> problems, String name, Duration value) {
            if (value.compareTo(Duration.ofMillis(1)) < 0 || value.compareTo(Duration.ofHours(1)) > 0) {
                problems.add(name + " was '" + value + "' but it must be from 1 ms to 1 h");
            }
        }
    }
}
