package io.tsdash.kafka.streams;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Runs something of each task right before the task commits.
 *
 * <p>Kafka Streams has no such callback, but it has a promise that its own caches depend on: before a task commits, what
 * lies in the caches of its stores is written to the stores below, and only then are the producer flushed and the
 * offsets committed, in one transaction. So there is a store with a cache above and nothing below but this hook: a
 * processor that changed something puts a mark into the store, once; when the cache is flushed, the mark arrives below,
 * and the hook runs. It may write to other stores, whose changelogs are then part of the same transaction. A cache that is
 * full, or turned off, only makes the hook run earlier and more often. Thread-safe.
 */
final class CommitHooks {
    private final Map<TaskId, CommitHookStore> stores = new ConcurrentHashMap<>(); // of the tasks that are here

    /** Sets what runs before a task commits, in place of what was set before. */
    void set(TaskId task, Runnable hook) {
        CommitHookStore store = stores.get(task);
        if (store == null) {
            throw new IllegalStateException("task " + task + " has no store for its hook");
        }
        store.set(hook);
    }

    void opened(TaskId task, CommitHookStore store) {
        stores.put(task, store);
    }

    void closed(TaskId task, CommitHookStore store) {
        stores.remove(task, store);
    }

    /** Returns the store to put marks into. It keeps nothing. */
    StoreBuilder<KeyValueStore<Bytes, byte[]>> store(String name) {
        return Stores.keyValueStoreBuilder(
                        new KeyValueBytesStoreSupplier() {
                            @Override
                            public String name() {
                                return name;
                            }

                            @Override
                            public KeyValueStore<Bytes, byte[]> get() {
                                return new CommitHookStore(name, CommitHooks.this);
                            }

                            @Override
                            public String metricsScope() {
                                return "commit-hook";
                            }
                        },
                        Serdes.Bytes(),
                        Serdes.ByteArray())
                .withCachingEnabled()
                .withLoggingDisabled();
    }
}
