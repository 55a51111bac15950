package io.tsdash.examples.server;

import io.tsdash.cache.Cache;
import io.tsdash.cache.CacheEntry;
import io.tsdash.cache.CachePolicy;
import io.tsdash.time.TimeSource;
import io.tsdash.transport.UserData;
import java.util.Optional;
import java.util.Set;

/** What users keep, in a cache alone: for a day after the last change, and as long as the cache lives. Thread-safe. */
final class KeptUserData implements UserData {
    static final Set<String> NAMES = Set.of("watchlist");

    private final Cache<String> cache;
    private final TimeSource time;

    KeptUserData(Cache<String> cache, TimeSource time) {
        this.cache = cache;
        this.time = time;
    }

    @Override
    public Set<String> names() {
        return NAMES;
    }

    @Override
    public Optional<String> read(String user, String name) {
        return cache.get(key(user, name)).flatMap(CacheEntry::value);
    }

    @Override
    public void write(String user, String name, String json) {
        cache.put(key(user, name), CacheEntry.of(json, time.epochNanos(), CachePolicy.USER_DATA.lifetime(0)));
    }

    /** A name has no slash, so no user has another's key. */
    static String key(String user, String name) {
        return name + '/' + user;
    }
}
