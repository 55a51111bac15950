package io.tsdash.transport;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.tsdash.distribution.WireCode;
import io.tsdash.error.InvalidInputException;
import io.tsdash.error.TransientException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads for requests that may block. Bounded: a request that finds no place is refused at once, and one that takes
 * too long is answered so and interrupted. Thread-safe.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the answer tells
final class RestWorkers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RestWorkers.class);
    private static final long CLOSE_MILLIS = 1_000;

    private final ThreadPoolExecutor threads;
    private final int queueMax;
    private final Duration timeout;

    /** @param name of the threads, before their number */
    RestWorkers(String name, int threadCount, int queueMax, Duration timeout) {
        this.queueMax = queueMax;
        this.timeout = timeout;
        AtomicInteger number = new AtomicInteger();
        threads = new ThreadPoolExecutor(
                threadCount, threadCount, 1, TimeUnit.MINUTES, new ArrayBlockingQueue<>(queueMax), task -> {
                    Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    /**
     * Works on a request.
     *
     * @param clock for the timeout
     * @param answer called once, on any thread
     */
    void work(Callable<Answer> request, ScheduledExecutorService clock, Consumer<Answer> answer) {
        AtomicBoolean answered = new AtomicBoolean();
        try {
            Future<?> running = threads.submit(() -> {
                Answer result = result(request);
                if (answered.compareAndSet(false, true)) {
                    answer.accept(result);
                }
            });
            clock.schedule(
                    () -> {
                        if (answered.compareAndSet(false, true)) {
                            running.cancel(true);
                            answer.accept(new ProblemException(
                                            HttpResponseStatus.GATEWAY_TIMEOUT,
                                            WireCode.UNAVAILABLE,
                                            "the answer took longer than " + timeout + ": ask for less")
                                    .answer());
                        }
                    },
                    timeout.toMillis(),
                    TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            answer.accept(
                    ProblemException.unavailable("all workers are busy and " + queueMax + " requests wait: try again")
                            .answer());
        }
    }

    /**
     * Does something that has limits of its own.
     *
     * @return whether there was a place for it
     */
    boolean run(Work work) {
        try {
            threads.execute(() -> {
                try {
                    work.run();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } catch (RuntimeException e) {
                    LOG.warn("work failed for a client", e);
                }
            });
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /** Something that may block. */
    @FunctionalInterface
    interface Work {
        void run() throws InterruptedException;
    }

    @Override
    public void close() {
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(CLOSE_MILLIS, TimeUnit.MILLISECONDS)) {
                LOG.warn("a request still runs {} ms after it was interrupted", CLOSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Answer result(Callable<Answer> request) {
        try {
            return request.call();
        } catch (ProblemException e) {
            return e.answer();
        } catch (InvalidInputException e) {
            return ProblemException.badRequest(String.valueOf(e.getMessage())).answer();
        } catch (TransientException e) {
            LOG.warn("a request failed for now", e);
            return ProblemException.unavailable(String.valueOf(e.getMessage())).answer();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ProblemException.unavailable("the request was interrupted").answer();
        } catch (Exception e) {
            LOG.error("a request failed", e);
            return new ProblemException(
                            HttpResponseStatus.INTERNAL_SERVER_ERROR,
                            WireCode.INTERNAL,
                            "the server failed; its log says why")
                    .answer();
        }
    }
}
