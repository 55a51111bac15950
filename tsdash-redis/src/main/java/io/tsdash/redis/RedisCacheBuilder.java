package io.tsdash.redis;

import io.tsdash.cache.CacheCodec;
import io.tsdash.error.ConfigurationException;
import io.tsdash.time.TimeSource;
import java.util.ArrayList;
import java.util.List;

/** Settings of a {@link RedisCache}, checked all at once when opened. Single-threaded. */
public final class RedisCacheBuilder<V> {
    private static final int VALUE_BYTES_LIMIT = 64 << 20;

    final RedisConnection connection;
    final String prefix;
    final CacheCodec<V> codec;
    int valueBytesMax = 1 << 20;
    RedisCacheListener listener = RedisCacheListener.NONE;
    TimeSource time = TimeSource.system();

    RedisCacheBuilder(RedisConnection connection, String prefix, CacheCodec<V> codec) {
        this.connection = connection;
        this.prefix = prefix;
        this.codec = codec;
    }

    /** Sets how many bytes a value may have, 1 to 64 MiB; 1 MiB if not called. */
    public RedisCacheBuilder<V> valueBytesMax(int value) {
        valueBytesMax = value;
        return this;
    }

    /** Sets who hears of entries that cannot be read. */
    public RedisCacheBuilder<V> listener(RedisCacheListener value) {
        listener = value;
        return this;
    }

    /** Sets the clocks; those of the machine if not called. */
    public RedisCacheBuilder<V> time(TimeSource value) {
        time = value;
        return this;
    }

    /**
     * Checks that this user may read, write and remove under the prefix.
     *
     * @throws ConfigurationException with everything that is wrong
     * @throws io.tsdash.error.PermanentException if the user may not
     * @throws io.tsdash.error.TransientException if the server is away
     */
    public RedisCache<V> open() {
        List<String> problems = new ArrayList<>();
        RedisPrefix.check(prefix, problems);
        if (valueBytesMax < 1 || valueBytesMax > VALUE_BYTES_LIMIT) {
            problems.add("valueBytesMax was '" + valueBytesMax + "' but it must be from 1 to " + VALUE_BYTES_LIMIT);
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        RedisCache<V> cache = new RedisCache<>(this);
        cache.probe();
        return cache;
    }
}
