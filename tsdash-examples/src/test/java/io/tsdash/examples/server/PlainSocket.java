package io.tsdash.examples.server;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A plain WebSocket to a server's prices that remembers what it heard. */
final class PlainSocket implements WebSocket.Listener, AutoCloseable {
    private final List<String> frames = new CopyOnWriteArrayList<>();
    private final StringBuilder frame = new StringBuilder();
    private @Nullable WebSocket socket;

    static PlainSocket open(ReferenceServer server, Map<String, String> headers) {
        PlainSocket opened = new PlainSocket();
        WebSocket.Builder builder = HttpClient.newHttpClient().newWebSocketBuilder();
        headers.forEach(builder::header);
        opened.socket = builder.subprotocols("tsdash.v1.json")
                .buildAsync(URI.create("ws://127.0.0.1:" + server.port() + "/prices"), opened)
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
        return opened;
    }

    void send(String command) {
        if (socket != null) {
            socket.sendText(command, true).join();
        }
    }

    boolean heard(String text) {
        return frames.stream().anyMatch(each -> each.contains(text));
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
        frame.append(part);
        if (last) {
            frames.add(frame.toString());
            frame.setLength(0);
        }
        from.request(1);
        return null;
    }

    @Override
    public void close() {
        if (socket != null) {
            socket.abort();
        }
    }
}
