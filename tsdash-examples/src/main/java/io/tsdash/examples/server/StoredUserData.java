package io.tsdash.examples.server;

import io.tsdash.cache.Cache;
import io.tsdash.cache.CacheAside;
import io.tsdash.cache.CacheAsideListener;
import io.tsdash.cache.CachePolicy;
import io.tsdash.cache.WriteThrough;
import io.tsdash.error.TransientException;
import io.tsdash.time.TimeSource;
import io.tsdash.transport.UserData;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * What users keep, in files for good, and close by in a cache for a day. While the cache is away the files answer, and take what is new;
 * an old text that the cache may have is then removed as soon as it is back. Thread-safe.
 */
final class StoredUserData implements UserData, AutoCloseable {
    private static final Duration TURN_MAX = Duration.ofSeconds(1);
    private static final Duration ABSENT = Duration.ofMinutes(1);
    private static final int OUTDATED_MAX = 10_000;

    private final UserFiles files;
    private final Cache<String> cache;
    private final CacheAside<String> texts;
    private final WriteThrough<String> writes;
    private final Set<String> outdated = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "tsdash-user-data");
        made.setDaemon(true);
        return made;
    });

    @SuppressWarnings("FutureReturnValueIgnored") // a turn catches what goes wrong in it
    StoredUserData(UserFiles files, Cache<String> cache, CacheAsideListener listener, TimeSource time) {
        this.files = files;
        this.cache = cache;
        texts = CacheAside.of(cache, files, CachePolicy.USER_DATA.withAbsent(ABSENT))
                .listener(listener)
                .time(time)
                .build();
        writes = new WriteThrough<>(files, texts, TURN_MAX);
        thread.scheduleWithFixedDelay(this::removeOutdated, 1, 1, TimeUnit.SECONDS);
    }

    @Override
    public Set<String> names() {
        return KeptUserData.NAMES;
    }

    @Override
    public Optional<String> read(String user, String name) {
        String key = KeptUserData.key(user, name);
        return outdated.contains(key) ? files.load(key) : texts.get(key).value();
    }

    @Override
    public void write(String user, String name, String json) {
        if (outdated.size() >= OUTDATED_MAX) {
            throw new TransientException("the cache of what users keep is away, and " + OUTDATED_MAX
                    + " texts have changed since: no more until it is back");
        }
        String key = KeptUserData.key(user, name);
        try {
            long failures = texts.counts().cacheFailures();
            writes.put(key, json);
            if (texts.counts().cacheFailures() > failures) {
                outdated.add(key); // or another's failed: then this is removed for nothing
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientException("interrupted while another text of the user was written", e);
        }
    }

    /** Returns what answers reads. */
    CacheAside<String> texts() {
        return texts;
    }

    @Override
    public void close() {
        thread.shutdownNow();
        texts.close();
    }

    private void removeOutdated() {
        for (String key : List.copyOf(outdated)) {
            outdated.remove(key); // before: a write that fails meanwhile marks it again
            try {
                cache.remove(key);
            } catch (RuntimeException e) {
                outdated.add(key);
                return; // the others would wait for the same
            }
        }
    }
}
