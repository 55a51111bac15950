package io.tsdash.transport;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What goes from the hub's thread to one event loop: handed over many at a time, since to wake a loop and to queue a
 * task for each frame costs as much as to send it. Bounded by what the hub lets wait for each session. Thread-safe.
 */
final class Outbox implements Runnable {
    /** At some microseconds each. */
    private static final int WAITING_MAX = 256;

    private final EventLoop loop;
    private final ReentrantLock lock = new ReentrantLock();
    private List<NettyOutput> targets = new ArrayList<>();
    private List<Object> contents = new ArrayList<>();
    private boolean scheduled;
    private volatile int waiting;
    /** The lists of the loop, empty between its turns. */
    private List<NettyOutput> takenTargets = new ArrayList<>();

    private List<Object> takenContents = new ArrayList<>();

    Outbox(EventLoop loop) {
        this.loop = loop;
    }

    /** Returns whether the loop has some milliseconds of work from here before it. */
    boolean isBehind() {
        return waiting > WAITING_MAX;
    }

    /** Hands over what the output's {@link NettyOutput#write} takes. */
    void add(NettyOutput target, Object content) {
        boolean wake;
        lock.lock();
        try {
            targets.add(target);
            contents.add(content);
            waiting = targets.size();
            wake = !scheduled;
            scheduled = true;
        } finally {
            lock.unlock();
        }
        if (wake) {
            loop.execute(this);
        }
    }

    @Override
    public void run() {
        lock.lock();
        try {
            List<NettyOutput> freeTargets = takenTargets;
            List<Object> freeContents = takenContents;
            takenTargets = targets;
            takenContents = contents;
            targets = freeTargets;
            contents = freeContents;
            scheduled = false;
            waiting = 0;
        } finally {
            lock.unlock();
        }
        for (int i = 0; i < takenTargets.size(); i++) {
            takenTargets.get(i).write(takenContents.get(i));
        }
        takenTargets.clear();
        takenContents.clear();
    }
}
