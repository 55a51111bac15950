package io.tsdash.redis;

import io.lettuce.core.KeyValue;
import io.lettuce.core.SetArgs;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.tsdash.cache.Cache;
import io.tsdash.cache.CacheCodec;
import io.tsdash.cache.CacheEntry;
import io.tsdash.cache.CacheKeys;
import io.tsdash.cache.CacheLimits;
import io.tsdash.error.InvalidInputException;
import io.tsdash.error.PermanentException;
import io.tsdash.time.TimeSource;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The tier that several nodes share, on Redis: each entry under the prefix and its key, with its times, until the server expires it.
 *
 * <p>The server removes an entry when its time has come by the server's own clock; what a node with another clock reads before, it
 * judges by its own. How much is kept, and what leaves when the server is full, is set at the server ({@code maxmemory},
 * {@code maxmemory-policy}). Redis replicates behind its answers: a put that was acknowledged may be lost when a master dies.
 *
 * <p>Thread-safe. Calls block for as long as the connection's timeout at most. The connection stays the caller's to close.
 */
public final class RedisCache<V> implements Cache<V> {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final RedisConnection connection;
    private final byte[] prefix;
    private final CacheCodec<V> codec;
    private final CacheLimits limits;
    private final RedisCacheListener listener;
    private final TimeSource time;
    private volatile boolean closed;

    RedisCache(RedisCacheBuilder<V> settings) {
        connection = settings.connection;
        prefix = settings.prefix.getBytes(StandardCharsets.UTF_8);
        codec = settings.codec;
        limits = new CacheLimits(Long.MAX_VALUE, Long.MAX_VALUE, settings.valueBytesMax);
        listener = settings.listener;
        time = settings.time;
    }

    /**
     * Returns the settings of a cache.
     *
     * @param prefix of its keys, such as {@code tsdash:last:}; 1 to 64 letters, digits and {@code . _ : / -}
     * @param codec of its values
     */
    public static <V> RedisCacheBuilder<V> on(RedisConnection connection, String prefix, CacheCodec<V> codec) {
        return new RedisCacheBuilder<>(connection, prefix, codec);
    }

    @Override
    public Optional<CacheEntry<V>> get(String key) {
        check(key);
        byte[] stored = connection.<byte @Nullable []>ask("GET", commands -> commands.get(stored(key)));
        return Optional.ofNullable(entry(key, stored, time.epochNanos()));
    }

    @Override
    public Map<String, CacheEntry<V>> getAll(Collection<String> keys) {
        keys.forEach(this::check);
        List<String> distinct = new ArrayList<>(new LinkedHashSet<>(keys));
        Map<String, CacheEntry<V>> found = new HashMap<>();
        if (distinct.isEmpty()) {
            return found;
        }
        byte[][] names = distinct.stream().map(this::stored).toArray(byte[][]::new);
        List<KeyValue<byte[], byte[]>> answer =
                connection.await("MGET", connection.send("MGET", names.length, commands -> commands.mget(names)));
        long now = time.epochNanos();
        for (int i = 0; i < distinct.size(); i++) {
            CacheEntry<V> entry = entry(distinct.get(i), answer.get(i).getValueOrElse(null), now);
            if (entry != null) {
                found.put(distinct.get(i), entry);
            }
        }
        return found;
    }

    @Override
    public void put(String key, CacheEntry<V> entry) {
        long lifeNanos = entry.expiresNanos() - time.epochNanos();
        if (lifeNanos <= 0) {
            remove(key);
            return;
        }
        check(key);
        byte[] bytes = bytes(key, entry);
        connection.ask(
                "SET",
                commands ->
                        commands.set(stored(key), bytes, SetArgs.Builder.px(1 + (lifeNanos - 1) / NANOS_PER_MILLI)));
    }

    @Override
    public void putAll(Map<String, CacheEntry<V>> entries) {
        List<AsyncCommand<byte[], byte[], ?>> batch = new ArrayList<>(entries.size());
        long now = time.epochNanos();
        for (Map.Entry<String, CacheEntry<V>> each : entries.entrySet()) {
            String key = each.getKey();
            check(key);
            batch.add(
                    each.getValue().isExpired(now)
                            ? unlink(key)
                            : set(
                                    key,
                                    bytes(key, each.getValue()),
                                    each.getValue().expiresNanos() - now));
        }
        sendAll("SET", batch);
    }

    @Override
    public void removeAll(Collection<String> keys) {
        keys.forEach(this::check);
        List<AsyncCommand<byte[], byte[], ?>> batch = new ArrayList<>(keys.size());
        keys.forEach(key -> batch.add(unlink(key)));
        sendAll("UNLINK", batch);
    }

    @Override
    public CacheLimits limits() {
        return limits;
    }

    /** From here on calls are refused; the entries stay with the server. */
    @Override
    public void close() {
        closed = true;
    }

    /**
     * Writes, reads and removes something of a millisecond's life, to see whether that can be done; the connection's {@linkplain
     * RedisConnection#problem() problem} is what it says then.
     *
     * @throws io.tsdash.error.TsdashException as a put does
     */
    public void probe() {
        String key = "probe";
        byte[] bytes = {0};
        sendAll("SET", List.of(set(key, bytes, NANOS_PER_MILLI)));
        connection.<byte @Nullable []>ask("GET", commands -> commands.get(stored(key)));
        sendAll("UNLINK", List.of(unlink(key)));
    }

    private void check(String key) {
        CacheKeys.check(key);
        if (closed) {
            throw new PermanentException("the cache is closed");
        }
    }

    private byte[] bytes(String key, CacheEntry<V> entry) {
        byte[] value = entry.value().map(codec::encode).orElse(new byte[0]);
        if (value.length > limits.valueBytesMax()) {
            throw new InvalidInputException("value of key '" + key + "' has " + value.length
                    + " bytes but it must have at most " + limits.valueBytesMax());
        }
        return StoredEntry.encode(entry, value);
    }

    private @Nullable CacheEntry<V> entry(String key, byte @Nullable [] stored, long now) {
        if (stored == null) {
            return null;
        }
        try {
            CacheEntry<V> entry = StoredEntry.decode(stored, codec);
            return entry.isExpired(now) ? null : entry;
        } catch (RuntimeException e) {
            listener.onUnreadable(key, e);
            return null;
        }
    }

    private void sendAll(String what, List<AsyncCommand<byte[], byte[], ?>> batch) {
        if (!batch.isEmpty()) {
            connection.askAll(what, batch);
        }
    }

    private AsyncCommand<byte[], byte[], ?> set(String key, byte[] value, long lifeNanos) {
        CommandArgs<byte[], byte[]> args = new CommandArgs<>(ByteArrayCodec.INSTANCE)
                .addKey(stored(key))
                .addValue(value)
                .add("PX")
                .add(1 + (lifeNanos - 1) / NANOS_PER_MILLI);
        return new AsyncCommand<>(new Command<>(CommandType.SET, new StatusOutput<>(ByteArrayCodec.INSTANCE), args));
    }

    private AsyncCommand<byte[], byte[], ?> unlink(String key) {
        CommandArgs<byte[], byte[]> args = new CommandArgs<>(ByteArrayCodec.INSTANCE).addKey(stored(key));
        return new AsyncCommand<>(
                new Command<>(CommandType.UNLINK, new IntegerOutput<>(ByteArrayCodec.INSTANCE), args));
    }

    private byte[] stored(String key) {
        byte[] name = key.getBytes(StandardCharsets.UTF_8);
        byte[] stored = new byte[prefix.length + name.length];
        System.arraycopy(prefix, 0, stored, 0, prefix.length);
        System.arraycopy(name, 0, stored, prefix.length, name.length);
        return stored;
    }
}
