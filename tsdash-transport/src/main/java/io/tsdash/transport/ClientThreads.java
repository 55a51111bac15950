package io.tsdash.transport;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** Threads for all clients of this process: daemons, and few, whatever the number of clients. Thread-safe. */
final class ClientThreads {
    /** Does what is to be done later. Nothing on it may block. */
    static final ScheduledExecutorService CLOCK =
            Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "tsdash-client-clock"));

    /** Begins connections, which may wait for the address of a name. */
    static final ExecutorService CONNECTS = Executors.newFixedThreadPool(2, task -> daemon(task, "tsdash-client"));

    /** Calls the sources of tokens, which may block: a thread for each client whose source is at work, at most. */
    static final ExecutorService TOKENS = Executors.newCachedThreadPool(task -> daemon(task, "tsdash-client-token"));

    private ClientThreads() {}

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }
}
