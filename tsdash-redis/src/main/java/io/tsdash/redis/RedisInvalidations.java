package io.tsdash.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.TrackingArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.push.PushMessage;
import io.lettuce.core.codec.StringCodec;
import io.tsdash.cache.Invalidations;
import io.tsdash.error.ConfigurationException;
import io.tsdash.error.TsdashException;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Changes of the keys of a shared cache, told by the servers themselves: client-side caching of Redis, in broadcasting mode for the
 * cache's prefix (CLIENT TRACKING ON BCAST NOLOOP).
 *
 * <p>A server tells every change, also by expiry, eviction and programs that know nothing of this, on the connection that the cache
 * reads by; what this node changes by it is not told back. After a broken connection, and when a cluster has another master, the
 * server is asked to tell again, and then all who have subscribed are told that they may have missed something.
 *
 * <p>Thread-safe. A daemon thread ({@code tsdash-redis-invalidations}).
 */
public final class RedisInvalidations implements Invalidations, AutoCloseable {
    /** How often it is looked whether a cluster has another master. */
    private static final long LOOK_MILLIS = 200;

    private final RedisConnection connection;
    private final String prefix;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final Set<String> telling = ConcurrentHashMap.newKeySet();
    private final Map<String, StatefulRedisConnection<byte[], byte[]>> watched = new ConcurrentHashMap<>();
    private final Semaphore wake = new Semaphore(0);
    private final Thread thread;
    private volatile boolean closed;

    private RedisInvalidations(RedisConnection connection, String prefix) {
        this.connection = connection;
        this.prefix = prefix;
        this.thread = new Thread(this::run, "tsdash-redis-invalidations");
        thread.setDaemon(true);
    }

    /**
     * Asks the servers to tell.
     *
     * @param connection that the cache is on; stays the caller's to close, after this
     * @param prefix of the cache; on one connection no two of these may begin with one another
     * @throws ConfigurationException if the prefix is wrong
     * @throws io.tsdash.error.TsdashException if a server cannot be asked
     */
    public static RedisInvalidations open(RedisConnection connection, String prefix) {
        List<String> problems = new ArrayList<>();
        RedisPrefix.check(prefix, problems);
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        RedisInvalidations invalidations = new RedisInvalidations(connection, prefix);
        connection.onPush(invalidations::onPush);
        invalidations.askAll();
        invalidations.thread.start();
        return invalidations;
    }

    @Override
    public Subscription subscribe(Listener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Nothing to do: the servers see each change. */
    @Override
    public void changed(Collection<String> keys) {
        // the servers tell
    }

    /** Ends within the connection's timeout. Until the connection is closed, servers go on telling, and nobody listens. */
    @Override
    public void close() {
        closed = true;
        listeners.clear();
        wake.release();
        try {
            thread.join(connection.options().connectTimeout().toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!closed) {
            try {
                wake.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                wake.drainPermits();
                if (!closed && askAll()) {
                    listeners.forEach(Listener::onMissed);
                }
            } catch (RuntimeException e) {
                // Of the client too, when the connection is closed before this; again at the next look.
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Asks those servers that do not tell yet; returns whether there were any. */
    private boolean askAll() {
        boolean asked = false;
        Map<String, StatefulRedisConnection<byte[], byte[]>> masters = connection.masters();
        telling.retainAll(masters.keySet());
        watched.keySet().retainAll(masters.keySet());
        for (Map.Entry<String, StatefulRedisConnection<byte[], byte[]>> master : masters.entrySet()) {
            String name = master.getKey();
            StatefulRedisConnection<byte[], byte[]> node = master.getValue();
            if (watched.put(name, node) != node) {
                node.addListener(new Watch(name));
                telling.remove(name);
            }
            if (telling.add(name)) {
                try {
                    ask(node);
                    asked = true;
                } catch (RuntimeException e) {
                    telling.remove(name);
                    throw e;
                }
            }
        }
        return asked;
    }

    private void ask(StatefulRedisConnection<byte[], byte[]> node) {
        TrackingArgs how = TrackingArgs.Builder.enabled().bcast().noloop().prefixes(StandardCharsets.UTF_8, prefix);
        try {
            connection.await("CLIENT TRACKING", node.async().clientTracking(how).toCompletableFuture());
        } catch (TsdashException e) {
            // Of a connection that tells already: the news of its coming back was behind us.
            if (!String.valueOf(e.getMessage()).contains("overlaps with an existing prefix '" + prefix + "'")) {
                throw e;
            }
        }
    }

    private void onPush(PushMessage message) {
        if (!message.getType().equals("invalidate")) {
            return;
        }
        Object content = message.getContent(StringCodec.UTF8::decodeValue).get(1);
        if (!(content instanceof List<?> names)) {
            listeners.forEach(Listener::onMissed); // all keys: the database was emptied
            return;
        }
        List<String> keys = new ArrayList<>(names.size());
        for (Object name : names) {
            if (name instanceof String text && text.startsWith(prefix)) {
                keys.add(text.substring(prefix.length()));
            }
        }
        if (!keys.isEmpty()) {
            listeners.forEach(listener -> listener.onChanged(keys));
        }
    }

    /** Lets a server be asked again once its connection is there again: it has forgotten that it was. */
    private final class Watch implements RedisConnectionStateListener {
        private final String name;

        Watch(String name) {
            this.name = name;
        }

        @Override
        public void onRedisConnected(RedisChannelHandler<?, ?> handler, @Nullable SocketAddress address) {
            telling.remove(name);
            wake.release();
        }
    }
}
