package io.tsdash.examples.logs;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.event.KeyValuePair;

/**
 * Leaves out what one place in the code says too often: of each logger, text (before its values are put in) and action, so many
 * lines in a span of time. What was left out is counted. Thread-safe.
 */
final class RepeatLimit extends Filter<ILoggingEvent> {
    /** There are not so many places. */
    private static final int KINDS_MAX = 1_000;

    private final int linesMax;
    private final long spanNanos;
    private final TimeSource time;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Window> windows = new LinkedHashMap<>();
    private final LongAdder suppressed = new LongAdder();

    private static final class Window {
        long sinceNanos;
        int lines;
    }

    /**
     * @param linesMax of one kind, in each
     * @param span of time
     */
    RepeatLimit(int linesMax, Duration span, TimeSource time) {
        this.linesMax = linesMax;
        this.spanNanos = span.toNanos();
        this.time = time;
    }

    @Override
    public FilterReply decide(ILoggingEvent event) {
        if (takes(event.getLoggerName() + ' ' + event.getMessage() + ' ' + action(event))) {
            return FilterReply.NEUTRAL;
        }
        suppressed.increment();
        return FilterReply.DENY;
    }

    /** Returns how many lines were left out. */
    long suppressed() {
        return suppressed.sum();
    }

    private boolean takes(String kind) {
        long now = time.monotonicNanos();
        lock.lock();
        try {
            Window window = windows.computeIfAbsent(kind, any -> new Window());
            if (window.lines == 0 || now - window.sinceNanos >= spanNanos) {
                window.sinceNanos = now;
                window.lines = 0;
            }
            window.lines++;
            if (windows.size() > KINDS_MAX) {
                windows.remove(windows.keySet().iterator().next());
            }
            return window.lines <= linesMax;
        } finally {
            lock.unlock();
        }
    }

    private static String action(ILoggingEvent event) {
        List<KeyValuePair> pairs = event.getKeyValuePairs();
        if (pairs != null) {
            for (KeyValuePair pair : pairs) {
                if (pair.key.equals(ServerLog.ACTION)) {
                    return String.valueOf(pair.value);
                }
            }
        }
        return "";
    }
}
