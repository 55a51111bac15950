package io.tsdash.examples.feeds;

import io.tsdash.source.Feed;
import io.tsdash.spi.Feeds;
import io.tsdash.time.TimeSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** A feed that runs against an exchange on this machine. */
final class FeedRun implements AutoCloseable {
    final Heard heard;
    final ExchangeServer server;
    private final Feed feed;

    /**
     * @param text the feed, as a user writes it
     * @param options beside the addresses
     * @param startNanos the time of day at which it begins
     */
    FeedRun(
            String text,
            Map<String, String> options,
            long startNanos,
            ExchangeServer.Script script,
            Function<String, Optional<String>> rest) {
        this(new Heard(), text, options, startNanos, script, rest);
    }

    FeedRun(
            Heard heard,
            String text,
            Map<String, String> options,
            long startNanos,
            ExchangeServer.Script script,
            Function<String, Optional<String>> rest) {
        this.heard = heard;
        server = new ExchangeServer(script, rest);
        Map<String, String> all = new HashMap<>();
        all.put("url", "ws://" + server.address());
        all.put("rest", "http://" + server.address());
        all.put("restPause", "0.005");
        all.put("retryMax", "0.1");
        all.putAll(options);
        feed = Feeds.open(text, all, new TimeOfDay(startNanos));
        feed.start(heard);
    }

    /** REST that has nothing. */
    static Optional<String> nothing(String path) {
        return Optional.empty();
    }

    @Override
    public void close() {
        feed.close();
        server.close();
    }

    /** The time of day of a capture, running. */
    static final class TimeOfDay implements TimeSource {
        private final TimeSource system = TimeSource.system();
        private final long offset;

        TimeOfDay(long startNanos) {
            offset = startNanos - system.epochNanos();
        }

        @Override
        public long epochNanos() {
            return system.epochNanos() + offset;
        }

        @Override
        public long monotonicNanos() {
            return system.monotonicNanos();
        }
    }
}
