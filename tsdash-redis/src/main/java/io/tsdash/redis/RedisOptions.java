package io.tsdash.redis;

import java.time.Duration;
import java.util.Optional;

/**
 * Settings of a connection to Redis, checked when built. Immutable; what it prints shows no password.
 *
 * @see RedisOptionsBuilder
 */
public final class RedisOptions {
    private final RedisAddress address;
    private final Optional<String> user;
    private final Optional<String> password;
    private final Optional<String> sentinelPassword;
    private final boolean verifyPeer;
    private final String clientName;
    private final Duration timeout;
    private final Duration connectTimeout;
    private final int requestsMax;
    private final Duration topologyRefresh;
    private final int breakerFailures;
    private final Duration breakerPauseMax;

    RedisOptions(RedisOptionsBuilder builder, RedisAddress address) {
        this.address = address;
        user = builder.user.or(address::user);
        password = builder.password.or(address::password);
        sentinelPassword = builder.sentinelPassword;
        verifyPeer = builder.verifyPeer;
        clientName = builder.clientName;
        timeout = builder.timeout;
        connectTimeout = builder.connectTimeout;
        requestsMax = builder.requestsMax;
        topologyRefresh = builder.topologyRefresh;
        breakerFailures = builder.breakerFailures;
        breakerPauseMax = builder.breakerPauseMax;
    }

    /**
     * Returns a builder with the defaults.
     *
     * @param address {@code redis://HOST:PORT}, {@code redis-sentinel://HOST:PORT,HOST:PORT#MASTER} or
     *     {@code redis-cluster://HOST:PORT,HOST:PORT}; {@code rediss} for TLS, {@code USER:PASSWORD@} before the first host,
     *     {@code /N} after the last for another database
     */
    public static RedisOptionsBuilder at(String address) {
        return new RedisOptionsBuilder(address);
    }

    /** Returns where Redis is, without user and password. */
    public String where() {
        return address.toString();
    }

    /** Returns how long a command may take. */
    public Duration timeout() {
        return timeout;
    }

    RedisAddress address() {
        return address;
    }

    Optional<String> user() {
        return user;
    }

    Optional<String> password() {
        return password;
    }

    Optional<String> sentinelPassword() {
        return sentinelPassword;
    }

    boolean verifyPeer() {
        return verifyPeer;
    }

    String clientName() {
        return clientName;
    }

    Duration connectTimeout() {
        return connectTimeout;
    }

    int requestsMax() {
        return requestsMax;
    }

    Duration topologyRefresh() {
        return topologyRefresh;
    }

    int breakerFailures() {
        return breakerFailures;
    }

    Duration breakerPauseMax() {
        return breakerPauseMax;
    }

    @Override
    public String toString() {
        return where();
    }
}
