package io.tsdash.influx;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;

/** Keeps threads that write the same symbols apart; locks are taken in order of symbol. Thread-safe. */
final class SymbolLocks {
    private final ConcurrentMap<String, ReentrantLock> locks = new ConcurrentHashMap<>();

    /** What is held. */
    interface Held {
        /** Lets go. */
        void release();
    }

    Held hold(Collection<String> symbols) {
        List<ReentrantLock> held = new ArrayList<>();
        for (String symbol : new TreeSet<>(symbols)) {
            ReentrantLock lock = locks.computeIfAbsent(symbol, key -> new ReentrantLock());
            lock.lock();
            held.add(lock);
        }
        return () -> held.forEach(ReentrantLock::unlock);
    }
}
