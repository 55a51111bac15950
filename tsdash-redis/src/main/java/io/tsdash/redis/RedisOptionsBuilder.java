package io.tsdash.redis;

import io.tsdash.error.ConfigurationException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Collects the settings of a connection to Redis; {@link #build} checks them all at once. Single-threaded. */
public final class RedisOptionsBuilder {
    private static final Duration TIMEOUT_MIN = Duration.ofMillis(1);
    private static final Duration TIMEOUT_MAX = Duration.ofMinutes(1);
    private static final Duration REFRESH_MIN = Duration.ofMillis(100);
    private static final Duration REFRESH_MAX = Duration.ofHours(1);
    private static final int REQUESTS_MAX = 1 << 20;
    private static final Pattern NAME = Pattern.compile("[\\x21-\\x7e]{1,100}");

    private final String address;
    Optional<String> user = Optional.empty();
    Optional<String> password = Optional.empty();
    Optional<String> sentinelPassword = Optional.empty();
    boolean verifyPeer = true;
    String clientName = "tsdash";
    Duration timeout = Duration.ofMillis(500);
    Duration connectTimeout = Duration.ofSeconds(5);
    int requestsMax = 10_000;
    Duration topologyRefresh = Duration.ofSeconds(5);
    int breakerFailures = 5;
    Duration breakerPauseMax = Duration.ofSeconds(2);

    RedisOptionsBuilder(String address) {
        this.address = address;
    }

    /** Sets the user of Redis's access lists; none by default, or the one in the address. Needs a password. */
    public RedisOptionsBuilder user(String value) {
        user = Optional.of(value);
        return this;
    }

    /** Sets the password; none by default, or the one in the address. */
    public RedisOptionsBuilder password(String value) {
        password = Optional.of(value);
        return this;
    }

    /** Sets the password of the Sentinels themselves; none by default. */
    public RedisOptionsBuilder sentinelPassword(String value) {
        sentinelPassword = Optional.of(value);
        return this;
    }

    /** Sets whether the server's certificate must be for its host and by someone trusted; true by default. */
    public RedisOptionsBuilder verifyPeer(boolean value) {
        verifyPeer = value;
        return this;
    }

    /** Sets what the server's lists of clients show; {@code tsdash} by default. */
    public RedisOptionsBuilder clientName(String value) {
        clientName = value;
        return this;
    }

    /** Sets how long a command may take, 1 ms to a minute; half a second by default. No call waits for longer. */
    public RedisOptionsBuilder timeout(Duration value) {
        timeout = value;
        return this;
    }

    /** Sets how long opening a connection may take, 1 ms to a minute; 5 s by default. */
    public RedisOptionsBuilder connectTimeout(Duration value) {
        connectTimeout = value;
        return this;
    }

    /**
     * Sets how many commands may be under way at once; 10,000 by default. More are refused, so that a Redis that does not answer
     * costs a bounded amount of memory: so many commands with what they carry, and at most as many again, on a cluster for each
     * node, whose callers have gone after their timeout.
     */
    public RedisOptionsBuilder requestsMax(int value) {
        requestsMax = value;
        return this;
    }

    /**
     * Sets how often a cluster is asked who its nodes are, 100 ms to an hour; 5 s by default. What looks like a change makes the
     * client ask at once.
     */
    public RedisOptionsBuilder topologyRefresh(Duration value) {
        topologyRefresh = value;
        return this;
    }

    /**
     * Sets when Redis is left alone: after so many commands in a row that got no answer, for pauses that double up to this; 5
     * and 2 s by default. Calls are refused at once then instead of waiting for their timeout.
     */
    public RedisOptionsBuilder breaker(int failures, Duration pauseMax) {
        breakerFailures = failures;
        breakerPauseMax = pauseMax;
        return this;
    }

    /** @throws ConfigurationException with everything that is wrong */
    public RedisOptions build() {
        List<String> problems = new ArrayList<>();
        RedisAddress parsed = RedisAddress.parse(address, problems);
        if (user.isPresent() && password.or(parsed::password).isEmpty()) {
            problems.add("user was '" + user.get() + "' but a user needs a password");
        }
        if (sentinelPassword.isPresent() && parsed.form() != RedisAddress.Form.SENTINEL) {
            problems.add("sentinelPassword was set but the address is not of redis-sentinel://");
        }
        if (!NAME.matcher(clientName).matches()) {
            problems.add("clientName was '" + clientName
                    + "' but it must be 1 to 100 printable characters of ASCII, no space");
        }
        within(problems, "timeout", timeout, TIMEOUT_MIN, TIMEOUT_MAX);
        within(problems, "connectTimeout", connectTimeout, TIMEOUT_MIN, TIMEOUT_MAX);
        within(problems, "topologyRefresh", topologyRefresh, REFRESH_MIN, REFRESH_MAX);
        within(problems, "breaker pauseMax", breakerPauseMax, TIMEOUT_MIN, TIMEOUT_MAX);
        within(problems, "requestsMax", requestsMax);
        within(problems, "breaker failures", breakerFailures);
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new RedisOptions(this, parsed);
    }

    private static void within(List<String> problems, String option, int value) {
        if (value < 1 || value > REQUESTS_MAX) {
            problems.add(option + " was '" + value + "' but it must be from 1 to " + REQUESTS_MAX);
        }
    }

    private static void within(List<String> problems, String option, Duration value, Duration min, Duration max) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            problems.add(option + " was '" + value + "' but it must be from " + min + " to " + max);
        }
    }
}
