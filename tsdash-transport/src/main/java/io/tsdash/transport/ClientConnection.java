package io.tsdash.transport;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One life of a client's connection: puts its frames together, notices when it falls silent, and sends texts one after
 * the other. Texts are sent by one thread at a time; all else is thread-safe.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a send that fails is followed by onError or onClose
final class ClientConnection implements WebSocket.Listener {
    static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /** A frame above this is no frame of this protocol: the server ends them at 256 KiB and one message. */
    private static final int FRAME_MAX = 1 << 26;

    private final Events events;
    private final StringBuilder text = new StringBuilder();
    private final ByteArrayOutputStream binary = new ByteArrayOutputStream();
    private CompletableFuture<?> sent = CompletableFuture.completedFuture(null);
    private volatile @Nullable WebSocket socket;
    private volatile boolean heard;

    /** Learns what becomes of a connection. Called on any thread. */
    interface Events {
        void opened(ClientConnection connection);

        void frame(ClientConnection connection, byte[] frame);

        void closed(ClientConnection connection, int code, String reason);

        void lost(ClientConnection connection, String reason);
    }

    ClientConnection(Events events) {
        this.events = events;
    }

    /** Begins to connect. */
    void connect(HttpClient http, URI address, String subprotocol) {
        CompletableFuture.supplyAsync(
                        () -> http.newWebSocketBuilder()
                                .connectTimeout(CONNECT_TIMEOUT)
                                .subprotocols(subprotocol)
                                .buildAsync(address, this),
                        ClientThreads.CONNECTS)
                .thenCompose(Function.identity())
                .whenComplete((open, failure) -> {
                    if (failure != null) {
                        events.lost(this, String.valueOf(failure.getMessage()));
                    }
                });
    }

    boolean isOpen() {
        return socket != null;
    }

    /** Sends a text; nothing before the connection is open. */
    void send(String command) {
        WebSocket open = socket;
        if (open != null) {
            // A WebSocket takes the next text when it has sent the one before.
            sent = sent.handle((done, failure) -> open).thenCompose(any -> open.sendText(command, true));
        }
    }

    /** Tells that nothing was heard for so long, once that is so. */
    void watch(long silenceMillis) {
        ClientThreads.CLOCK.schedule(
                () -> {
                    if (heard) {
                        heard = false;
                        watch(silenceMillis);
                    } else {
                        events.lost(this, "nothing was heard for " + silenceMillis + " ms");
                    }
                },
                silenceMillis,
                TimeUnit.MILLISECONDS);
    }

    /** Says goodbye and ends it. */
    void close() {
        WebSocket open = socket;
        if (open != null) {
            open.sendClose(WebSocket.NORMAL_CLOSURE, "");
            open.abort();
        }
    }

    /** Ends it without a word. */
    void abort() {
        WebSocket open = socket;
        if (open != null) {
            open.abort();
        }
    }

    @Override
    public void onOpen(WebSocket open) {
        socket = open;
        open.request(1);
        events.opened(this);
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket open, CharSequence part, boolean last) {
        heard = true;
        text.append(part);
        if (text.length() > FRAME_MAX) {
            tooLarge();
        } else {
            if (last) {
                byte[] utf8 = text.toString().getBytes(StandardCharsets.UTF_8);
                text.setLength(0);
                events.frame(this, utf8);
            }
            open.request(1);
        }
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket open, ByteBuffer part, boolean last) {
        heard = true;
        byte[] bytes = new byte[part.remaining()];
        part.get(bytes);
        binary.writeBytes(bytes);
        if (binary.size() > FRAME_MAX) {
            tooLarge();
        } else {
            if (last) {
                byte[] whole = binary.toByteArray();
                binary.reset();
                events.frame(this, whole);
            }
            open.request(1);
        }
        return null;
    }

    private void tooLarge() {
        abort();
        events.lost(this, "a frame was larger than " + FRAME_MAX + " characters or bytes");
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket open, int code, String reason) {
        events.closed(this, code, reason);
        return null;
    }

    @Override
    public void onError(WebSocket open, Throwable error) {
        events.lost(this, String.valueOf(error));
    }
}
