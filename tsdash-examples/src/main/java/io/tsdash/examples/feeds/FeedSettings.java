package io.tsdash.examples.feeds;

import io.tsdash.spi.ProviderOptions;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;

/**
 * Settings that all exchanges share.
 *
 * @param symbols what is asked for, at least one
 * @param socket address of the WebSocket
 * @param rest address that paths of REST are added to
 * @param connectTimeout how long a connection may take to be made
 * @param idleTimeout how long a connection may be silent
 * @param symbolTimeout how long a symbol may be silent
 * @param restTimeout how long an answer of REST may take
 * @param restPause the time between two requests
 * @param retryMax the longest wait before another connection is tried
 */
record FeedSettings(
        List<String> symbols,
        URI socket,
        URI rest,
        Duration connectTimeout,
        Duration idleTimeout,
        Duration symbolTimeout,
        Duration restTimeout,
        Duration restPause,
        Duration retryMax) {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration IDLE = Duration.ofSeconds(15);
    private static final Duration SYMBOL = Duration.ofMinutes(2);
    private static final Duration REST = Duration.ofSeconds(10);
    // All of the exchanges allow a request a second to anyone.
    private static final Duration REST_PAUSE = Duration.ofSeconds(1);
    private static final Duration RETRY_MAX = Duration.ofSeconds(30);
    private static final Duration LONGEST = Duration.ofDays(1);

    /** What can be set with any exchange, for people. */
    static final String HELP = "url, rest, timeouts (docs/feeds.md)";

    /** Reads what the user wrote; what is wrong is added to the options' problems. */
    static FeedSettings read(ProviderOptions options, List<String> symbols, String socket, String rest) {
        return new FeedSettings(
                symbols,
                address(options, "url", socket, List.of("ws", "wss")),
                address(options, "rest", rest, List.of("http", "https")),
                time(options, "connectTimeout", CONNECT),
                time(options, "idleTimeout", IDLE),
                time(options, "symbolTimeout", SYMBOL),
                time(options, "restTimeout", REST),
                time(options, "restPause", REST_PAUSE),
                time(options, "retryMax", RETRY_MAX));
    }

    private static Duration time(ProviderOptions options, String name, Duration defaultValue) {
        Duration value = options.seconds(name, defaultValue);
        if (value.isNegative() || value.isZero() || value.compareTo(LONGEST) > 0) {
            options.problem(name + " was '" + options.text(name, "") + "' but it must be above 0 and at most a day");
        }
        return value;
    }

    private static URI address(ProviderOptions options, String name, String defaultValue, List<String> schemes) {
        String text = options.text(name, defaultValue);
        try {
            URI address = new URI(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
            if (address.getHost() != null && schemes.contains(address.getScheme())) {
                return address;
            }
        } catch (URISyntaxException e) {
            // told below: the rule is the same
        }
        options.problem(name + " was '" + text + "' but it must be an address that begins with " + schemes.get(0)
                + " or " + schemes.get(1));
        return URI.create(defaultValue);
    }
}
