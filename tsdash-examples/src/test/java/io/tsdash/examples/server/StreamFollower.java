package io.tsdash.examples.server;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A client of server-sent events that comes back with {@code Last-Event-ID}, and checks that each id follows the one before. */
final class StreamFollower implements AutoCloseable {
    private static final Pattern CHANNEL = Pattern.compile("\"channel\":\"([^\"]+)\"");
    private static final Pattern ID = Pattern.compile("\"id\":\"(\\d+)\"");
    private static final int TOLD_MAX = 12;
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI address;
    private final int step;
    private final Thread thread = new Thread(this::run, "stream-follower");
    private final Map<String, Long> last = new ConcurrentHashMap<>();
    private final AtomicInteger connections = new AtomicInteger();
    private String lastEventId = "";
    private int told;
    private final List<String> wrong = new CopyOnWriteArrayList<>();
    private final List<String> story = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    /**
     * @param address of the stream
     * @param step between the ids of a channel
     */
    StreamFollower(String address, int step) {
        this.address = URI.create(address);
        this.step = step;
        thread.setDaemon(true);
        thread.start();
    }

    /** Returns what was not as it must be; empty while all is well. */
    List<String> wrong() {
        return List.copyOf(wrong);
    }

    /** Returns of each connection from where it went on, and with what it began. */
    List<String> story() {
        return List.copyOf(story);
    }

    /** Returns how often it connected. */
    int connections() {
        return connections.get();
    }

    /** Returns whether it has the newest of each channel, of so many ids in all. */
    boolean hasAllOf(long count) {
        return last.size() == step && last.values().stream().allMatch(id -> id >= count - step);
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    private void run() {
        while (!closed) {
            try {
                HttpRequest.Builder request = HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(5));
                if (!lastEventId.isEmpty()) {
                    request.header("Last-Event-ID", lastEventId);
                }
                HttpResponse<Stream<String>> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofLines());
                if (answer.statusCode() == 200) {
                    story.add("connection " + connections.incrementAndGet() + " after " + lastEventId + ", which had "
                            + last);
                    told = 0;
                    read(answer.body().iterator());
                }
            } catch (IOException | RuntimeException e) {
                // The connection is gone: it comes back.
            } catch (InterruptedException e) {
                return;
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private void read(Iterator<String> lines) {
        String event = "";
        String data = "";
        String id = lastEventId;
        while (!closed && lines.hasNext()) {
            String line = lines.next();
            if (line.startsWith("event: ")) {
                event = line.substring(7);
            } else if (line.startsWith("data: ")) {
                data = line.substring(6);
            } else if (line.startsWith("id: ")) {
                id = line.substring(4);
            } else if (line.isEmpty()) {
                take(id, event, data);
                lastEventId = id;
            }
        }
    }

    private void take(String id, String event, String data) {
        if (told++ < TOLD_MAX) {
            story.add(id + " " + event + " " + data);
        }
        if (data.contains("\"reason\":\"RESET\"")) {
            wrong.add(data);
        }
        Matcher channel = CHANNEL.matcher(data);
        if (!(event.equals("snapshot") || event.equals("delta")) || !channel.find()) {
            return;
        }
        Matcher ids = ID.matcher(data);
        while (ids.find()) {
            long now = Long.parseLong(ids.group(1));
            Long before = last.put(channel.group(1), now);
            if (before != null && now != before + step) {
                wrong.add(channel.group(1) + " has " + now + " after " + before + " on connection " + connections);
            }
        }
    }
}
