package io.tsdash.transport;

import io.netty.channel.EventLoop;
import io.tsdash.distribution.SessionOutput;
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
    private final TrafficListener listener;
    private final ReentrantLock lock = new ReentrantLock();
    private List<NettyOutput> targets = new ArrayList<>();
    private List<Object> contents = new ArrayList<>();
    private long oldestNanos = SessionOutput.NO_EVENT;
    private boolean scheduled;
    private volatile int waiting;
    /** The lists of the loop, empty between its turns. */
    private List<NettyOutput> takenTargets = new ArrayList<>();

    private List<Object> takenContents = new ArrayList<>();

    /** @param listener told of each turn in which messages left, with the oldest event of them */
    Outbox(EventLoop loop, TrafficListener listener) {
        this.loop = loop;
        this.listener = listener;
    }

    /** Returns whether the loop has some milliseconds of work from here before it. */
    boolean isBehind() {
        return waiting > WAITING_MAX;
    }

    /** Hands over what the output's {@link NettyOutput#write} takes, and the time of the oldest event in it. */
    void add(NettyOutput target, Object content, long oldest) {
        boolean wake;
        lock.lock();
        try {
            targets.add(target);
            contents.add(content);
            oldestNanos = Math.min(oldestNanos, oldest);
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
        long oldest;
        lock.lock();
        try {
            oldest = oldestNanos;
            oldestNanos = SessionOutput.NO_EVENT;
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
        int messages = 0;
        long bytes = 0;
        for (int i = 0; i < takenTargets.size(); i++) {
            int written = takenTargets.get(i).write(takenContents.get(i));
            bytes += written;
            messages += written > 0 ? 1 : 0;
        }
        if (messages > 0) {
            listener.sent(messages, bytes, oldest);
        }
        takenTargets.clear();
        takenContents.clear();
    }
}
