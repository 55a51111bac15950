package io.tsdash.examples.server;

import io.tsdash.redis.RedisListener;
import io.tsdash.redis.RedisOptions;
import io.tsdash.redis.RedisRelayLog;
import io.tsdash.relay.RelayLog;
import io.tsdash.time.TimeSource;
import java.time.Duration;

/**
 * What several servers share their channels over.
 *
 * @param address of the Redis, such as {@code redis://127.0.0.1:6379}
 * @param name tells groups of servers apart that use one Redis
 * @param node this server's name for people
 * @param lease how long a leader may be silent before another takes over
 */
public record RelayChoice(String address, String name, String node, Duration lease) {
    private static final int ENTRIES_KEPT = 10_000;

    /** Connects and checks what it finds there. */
    RelayLog open(RedisListener listener, TimeSource time) {
        return RedisRelayLog.open(RedisOptions.at(address).build(), name, lease, ENTRIES_KEPT, listener, time);
    }
}
