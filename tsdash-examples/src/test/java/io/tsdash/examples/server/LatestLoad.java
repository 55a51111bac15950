package io.tsdash.examples.server;

import io.tsdash.examples.Eventually;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/** Asks a server for the latest prices at a steady rate, from several threads, and keeps how long each answer took. */
final class LatestLoad implements AutoCloseable {
    private static final int THREADS = 16; // so many that hardly any is still busy when its next request is due
    private static final int WARM_AFTER = 600;
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<Thread> threads = new ArrayList<>();
    private final ConcurrentLinkedQueue<Long> nanos = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final int symbolCount;
    private volatile Map<String, String> newest = new ConcurrentHashMap<>(); // by symbol
    private volatile boolean allStale;
    private volatile boolean closed;

    /**
     * @param address the server's
     * @param symbols each asked for in turn
     * @param perSecond requests of all threads together
     */
    LatestLoad(String address, List<String> symbols, int perSecond) {
        symbolCount = symbols.size();
        long pauseNanos = THREADS * 1_000_000_000L / perSecond;
        for (int i = 0; i < THREADS; i++) {
            int first = i;
            Thread thread = new Thread(() -> run(address, symbols, first, pauseNanos), "latest-" + i);
            threads.add(thread);
            thread.start();
        }
    }

    /** Waits until a new server is at its pace. */
    void warmUp() {
        Eventually.holds("the server is warm", Duration.ofSeconds(30), () -> count() > WARM_AFTER);
    }

    /** Forgets how long answers took until now. */
    void beginPhase() {
        nanos.clear();
    }

    /** Waits until each symbol was asked for from now on and its newest answer has a price, stale or live as said. */
    void awaitStale(boolean stale, Duration timeout) {
        newest = new ConcurrentHashMap<>();
        Eventually.holds(
                () -> "the answers of all symbols are " + (stale ? "stale" : "live") + ", not " + newest,
                timeout,
                () -> newest.size() == symbolCount
                        && newest.values().stream().allMatch(each -> isStale(each) == stale && hasPrice(each)));
    }

    /** From here on a live answer is a failure, or is none any more; only while the feed is away can that be said. */
    void expectStale(boolean value) {
        allStale = value;
    }

    /** Returns what was wrong: with answers other than 200, with those that did not come, and with live ones that were none. */
    List<String> failures() {
        return List.copyOf(failures);
    }

    /** Returns how many answers came in this phase. */
    int count() {
        return nanos.size();
    }

    /** Returns the time that so great a part of this phase's answers took at most. */
    Duration quantile(double part) {
        long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
        return Duration.ofNanos(sorted[(int) Math.min(sorted.length - 1, Math.floor(part * sorted.length))]);
    }

    @Override
    public String toString() {
        return "%,d answers of /latest: p50 %d ms, p99 %d ms, longest %d ms"
                .formatted(
                        count(),
                        quantile(0.5).toMillis(),
                        quantile(0.99).toMillis(),
                        quantile(1).toMillis());
    }

    @Override
    public void close() {
        closed = true;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Times count from when a request was due, so that one slow answer does not hide those behind it. */
    private void run(String address, List<String> symbols, int first, long pauseNanos) {
        long dueNanos = System.nanoTime() + first * pauseNanos / THREADS; // one after the other, not all at once
        for (int i = first; !closed; i++) {
            dueNanos += pauseNanos;
            while (System.nanoTime() < dueNanos) {
                LockSupport.parkNanos(dueNanos - System.nanoTime());
            }
            String symbol = symbols.get(i % symbols.size());
            HttpRequest request = HttpRequest.newBuilder(URI.create(address + "/latest?symbol=" + symbol))
                    .timeout(TIMEOUT)
                    .build();
            Map<String, String> into = newest;
            boolean askedWhileStale = allStale;
            try {
                HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
                String body = answer.body();
                if (answer.statusCode() != 200) {
                    failures.add(Instant.now() + ": " + answer.statusCode() + " " + body);
                } else if (!isStale(body) && (!body.contains("\"source\":\"live\"") || (askedWhileStale && allStale))) {
                    failures.add("not live, and not marked stale: " + body);
                }
                into.put(symbol, body);
            } catch (IOException e) {
                failures.add(Instant.now() + ": " + e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            nanos.add(System.nanoTime() - dueNanos);
        }
    }

    private static boolean isStale(String answer) {
        return answer.contains("\"stale\":true");
    }

    private static boolean hasPrice(String answer) {
        return answer.contains("\"price\":");
    }
}
