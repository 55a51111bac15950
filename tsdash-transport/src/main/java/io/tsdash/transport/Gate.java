package io.tsdash.transport;

import io.netty.channel.Channel;
import io.tsdash.distribution.WireCode;
import io.tsdash.resilience.KeyedRateLimiter;
import io.tsdash.resilience.RateDecision;
import io.tsdash.time.TimeSource;
import io.tsdash.transport.access.Authentication;
import io.tsdash.transport.access.Authenticator;
import io.tsdash.transport.access.Grant;
import io.tsdash.transport.access.UserQuotas;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the authenticator on threads of its own, counts what users have, and tells who was refused. Thread-safe. */
final class Gate implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Gate.class);
    private static final int THREADS = 2;
    /** Who stands behind so many others is told to come again; it would wait for seconds. */
    private static final int WAITING_MAX = 8_192;

    private static final int TOKEN_CHARS_MAX = 16_384;

    private final AccessConfig config;
    private final TimeSource time;
    private final UserQuotas quotas;
    private final ThreadPoolExecutor threads;

    Gate(AccessConfig config, TimeSource time) {
        this.config = config;
        this.time = time;
        this.quotas = new UserQuotas(time);
        AtomicInteger made = new AtomicInteger();
        this.threads = new ThreadPoolExecutor(
                THREADS, THREADS, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING_MAX), task -> {
                    Thread thread = new Thread(task, "tsdash-access-" + made.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    /** Returns whether nobody is asked who they are. */
    boolean isOpen() {
        return config.authenticator().isEmpty();
    }

    long withinMillis() {
        return config.within().toMillis();
    }

    UserQuotas quotas() {
        return quotas;
    }

    TimeSource time() {
        return time;
    }

    /** Reads a token and goes on with what was found, on another thread. */
    void authenticate(String token, Consumer<Authentication> then) {
        try {
            threads.execute(() -> then.accept(answer(token)));
        } catch (RejectedExecutionException e) {
            then.accept(new Authentication.Unavailable("too many clients come at once, or the server goes: try again"));
        }
    }

    /** Returns whether requests are counted by a limiter that may block. */
    boolean hasLimiter() {
        return config.limiter().isPresent();
    }

    /** Asks the limiter about a request and goes on with its answer, on another thread; empty if it has none. */
    void limit(Channel channel, Optional<Grant> grant, Consumer<Optional<RateDecision>> then) {
        String key = grant.map(each -> "user:" + each.user()).orElseGet(() -> "address:" + address(channel));
        try {
            threads.execute(() -> then.accept(decision(config.limiter().orElseThrow(), key)));
        } catch (RejectedExecutionException e) {
            then.accept(Optional.empty());
        }
    }

    private static Optional<RateDecision> decision(KeyedRateLimiter limiter, String key) {
        try {
            return Optional.of(limiter.tryAcquire(key, 1));
        } catch (RuntimeException e) {
            LOG.error("the rate limiter failed", e);
            return Optional.empty();
        }
    }

    static String address(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress from && from.getAddress() != null
                ? from.getAddress().getHostAddress()
                : String.valueOf(channel.remoteAddress());
    }

    /** Tells the listener. */
    void refused(Channel channel, String user, WireCode code, String why) {
        config.listener().refused(String.valueOf(channel.remoteAddress()), user, code, why);
    }

    /** Tells the listener. */
    void limited(Channel channel, Optional<Grant> grant) {
        config.listener()
                .limited(
                        String.valueOf(channel.remoteAddress()),
                        grant.map(Grant::user).orElse(""));
    }

    private Authentication answer(String token) {
        Authenticator authenticator = config.authenticator().orElseThrow();
        if (token.length() > TOKEN_CHARS_MAX) {
            return new Authentication.Refused("the token has more than " + TOKEN_CHARS_MAX + " characters");
        }
        try {
            Authentication answer = authenticator.authenticate(token);
            return answer instanceof Authentication.Granted granted
                            && granted.grant().expiresNanos() <= time.epochNanos()
                    ? new Authentication.Refused("the token has ended")
                    : answer;
        } catch (RuntimeException e) {
            LOG.error("the authenticator failed", e);
            return new Authentication.Unavailable("the authenticator failed; the server's log says why");
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
