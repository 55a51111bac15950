package io.tsdash.examples.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A plain WebSocket to a server's prices, of which a test takes what it hears. One thread, beside the client's. */
final class Onlooker implements WebSocket.Listener {
    private static final long PATIENCE_SECONDS = 60;

    private final StringBuilder frame = new StringBuilder(); // by the client's thread
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final AtomicInteger frames = new AtomicInteger();
    private final WebSocket socket;

    private Onlooker(HttpClient client, int port) {
        socket = client.newWebSocketBuilder()
                .subprotocols("tsdash.v1.json")
                .buildAsync(URI.create("ws://127.0.0.1:" + port + "/prices"), this)
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    /** Connects, and waits until it is greeted. */
    static Onlooker at(HttpClient client, int port) {
        Onlooker onlooker = new Onlooker(client, port);
        onlooker.await("\"hello\"", 1);
        return onlooker;
    }

    void send(String command) {
        socket.sendText(command, true).join();
    }

    /** Takes frames until it has found this regular expression so many times. */
    void await(String text, int times) {
        Pattern wanted = Pattern.compile(text);
        try {
            for (long found = 0; found < times; ) {
                String next = heard.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
                assertThat(next)
                        .as("what has %s in it, after %d of %d", text, found, times)
                        .isNotNull();
                found += wanted.matcher(String.valueOf(next)).results().count();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(text, e);
        }
    }

    /** Returns how many frames have come. */
    int frames() {
        return frames.get();
    }

    /** Goes in order. */
    void leave() {
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
        frame.append(part);
        if (last) {
            frames.incrementAndGet();
            heard.add(frame.toString());
            frame.setLength(0);
        }
        from.request(1);
        return null;
    }
}
