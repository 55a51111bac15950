package io.tsdash.examples.feeds;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket, from the moment it is tried to its end.
 *
 * <p>Hands over {@value #WINDOW} messages ahead of those that were {@link #handled}, each of {@value #TEXT_MAX} characters
 * at most: who does not keep up holds the exchange back. Its owner is called from network threads; sending and closing
 * are for the owner's one thread.
 */
final class Connection implements WebSocket.Listener {
    /** Hears of a connection. Must not block. */
    interface Owner {
        /** It is there. */
        void onOpen(Connection connection);

        /** A message came whole. */
        void onText(Connection connection, String text);

        /** A message was left out, because it is too long or no text. */
        void onLeftOut(Connection connection, String beginning, String reason);

        /** The other side is alive, and said nothing else. */
        void onAlive(Connection connection);

        /** It could not be made, or is over; said once. */
        void onEnd(Connection connection, String reason);
    }

    static final int TEXT_MAX = 8 << 20; // a whole book of a large market has some megabytes
    private static final int WINDOW = 32;
    private static final int BEGINNING = 200;
    private static final long CLOSE_MILLIS = 500;

    private final Owner owner;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final StringBuilder text = new StringBuilder(); // of the network's thread, one at a time
    private boolean tooLong;
    private volatile @Nullable WebSocket socket;
    private volatile boolean given; // given up: nothing is told any more
    private CompletableFuture<?> sent = CompletableFuture.completedFuture(null);

    private Connection(Owner owner) {
        this.owner = owner;
    }

    /** Begins to connect, and returns at once. */
    static Connection open(HttpClient http, URI address, Duration timeout, Owner owner) {
        Connection connection = new Connection(owner);
        CompletableFuture<?> opening = http.newWebSocketBuilder()
                .connectTimeout(timeout)
                .buildAsync(address, connection)
                .whenComplete((made, failure) -> {
                    if (failure != null) {
                        connection.end("cannot connect to " + address + ": " + reason(failure));
                    }
                });
        connection.sent = opening;
        return connection;
    }

    /** Sends a message after those before it. */
    void send(String message) {
        WebSocket open = socket;
        if (open != null) {
            sent = sent.thenCompose(done -> open.sendText(message, true)).whenComplete(this::afterSend);
        }
    }

    /** Asks for a sign of life. */
    void ping() {
        WebSocket open = socket;
        if (open != null) {
            sent = sent.thenCompose(done -> open.sendPing(ByteBuffer.allocate(0)))
                    .whenComplete(this::afterSend);
        }
    }

    /** Makes room for one more message: the owner is done with one that it was told of, left out and sign of life included. */
    void handled() {
        WebSocket open = socket;
        if (open != null) {
            open.request(1);
        }
    }

    /** Leaves at once; nothing more is told. */
    void abort() {
        given = true;
        ended.set(true);
        WebSocket open = socket;
        if (open != null) {
            open.abort();
        }
    }

    /** Says goodbye, and leaves within half a second; nothing more is told. */
    @SuppressWarnings("FutureReturnValueIgnored") // it ends in time whatever comes of it
    void close() {
        given = true;
        ended.set(true);
        WebSocket open = socket;
        if (open != null) {
            sent.thenCompose(done -> open.sendClose(WebSocket.NORMAL_CLOSURE, ""))
                    .orTimeout(CLOSE_MILLIS, TimeUnit.MILLISECONDS)
                    .whenComplete((done, failure) -> open.abort());
        }
    }

    @Override
    public void onOpen(WebSocket opened) {
        socket = opened;
        if (given) {
            opened.abort();
            return;
        }
        owner.onOpen(this);
        opened.request(WINDOW);
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        if (tooLong || text.length() + data.length() > TEXT_MAX) {
            tooLong = true;
        } else {
            text.append(data);
        }
        if (!last) {
            from.request(1); // a part fills no place of the window: the whole is bounded
            return null;
        }
        String whole = text.toString();
        boolean leftOut = tooLong;
        text.setLength(0);
        text.trimToSize();
        tooLong = false;
        if (given) {
            return null;
        }
        if (leftOut) {
            owner.onLeftOut(
                    this,
                    whole.substring(0, Math.min(BEGINNING, whole.length())),
                    "the message must have at most " + TEXT_MAX + " characters");
        } else {
            owner.onText(this, whole);
        }
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
        if (!last) {
            from.request(1);
        } else if (!given) {
            owner.onLeftOut(this, "", "the message was binary but it must be a text");
        }
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPing(WebSocket from, ByteBuffer message) {
        alive(); // the JDK sends the pong
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPong(WebSocket from, ByteBuffer message) {
        alive();
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String why) {
        end("the exchange closed the connection: " + code + (why.isEmpty() ? "" : " " + why));
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
        end("the connection broke: " + reason(error));
    }

    private void alive() {
        if (!given) {
            owner.onAlive(this);
        }
    }

    private void afterSend(@Nullable Object done, @Nullable Throwable failure) {
        if (failure != null) {
            end("cannot send: " + reason(failure));
        }
    }

    private void end(String reason) {
        if (ended.compareAndSet(false, true)) {
            owner.onEnd(this, reason);
        }
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }
}
