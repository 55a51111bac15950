package io.tsdash.kafka.streams;

import java.util.List;
import java.util.NoSuchElementException;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** What lies below the cache of {@link CommitHooks}: keeps nothing, and runs the hook of its task when it is written to. */
@SuppressWarnings("NullAway") // the interface says null for "not there", and nothing ever is
final class CommitHookStore implements KeyValueStore<Bytes, byte[]> {
    private final String name;
    private final CommitHooks hooks;
    private @Nullable TaskId task;
    private @Nullable Runnable hook;
    private boolean open;

    CommitHookStore(String name, CommitHooks hooks) {
        this.name = name;
        this.hooks = hooks;
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
        task = context.taskId();
        context.register(root, (key, value) -> {});
        hooks.opened(task, this);
        open = true;
    }

    void set(Runnable newHook) {
        hook = newHook;
    }

    @Override
    public void put(Bytes key, byte[] value) {
        if (hook == null) {
            throw new IllegalStateException("task " + task + " was marked but it has no hook");
        }
        hook.run();
    }

    @Override
    public byte[] putIfAbsent(Bytes key, byte[] value) {
        put(key, value);
        return null;
    }

    @Override
    public void putAll(List<KeyValue<Bytes, byte[]>> entries) {
        entries.forEach(entry -> put(entry.key, entry.value));
    }

    @Override
    public byte[] delete(Bytes key) {
        return null;
    }

    @Override
    public byte[] get(Bytes key) {
        return null;
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> range(Bytes from, Bytes to) {
        return new Nothing();
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> all() {
        return new Nothing();
    }

    @Override
    public long approximateNumEntries() {
        return 0;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean persistent() {
        return false;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public Position getPosition() {
        return Position.emptyPosition();
    }

    @Override
    public void close() {
        open = false;
        hook = null;
        if (task != null) {
            hooks.closed(task, this);
        }
    }

    private static final class Nothing implements KeyValueIterator<Bytes, byte[]> {
        @Override
        public boolean hasNext() {
            return false;
        }

        @Override
        public KeyValue<Bytes, byte[]> next() {
            throw new NoSuchElementException();
        }

        @Override
        public Bytes peekNextKey() {
            throw new NoSuchElementException();
        }

        @Override
        public void close() {}
    }
}
