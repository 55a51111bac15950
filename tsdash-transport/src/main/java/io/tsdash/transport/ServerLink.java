package io.tsdash.transport;

import io.tsdash.distribution.WireCode;
import io.tsdash.error.InvalidInputException;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A client's way to its server: connects, says who this is, and connects again when the connection is lost. Its methods
 * are called with the client's lock held; what comes from other threads takes the lock first. It never waits for the
 * source of tokens.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a step that is scheduled fails only where a listener throws
final class ServerLink implements ClientConnection.Events {
    /** A server that says nothing for three heartbeats is taken for dead. */
    private static final int SILENT_HEARTBEATS = 3;

    /** Half of what a server waits for a token. */
    private static final Duration TOKEN_WITHIN = Duration.ofSeconds(5);

    private static final long RENEW_MILLIS_MIN = 100;
    private static final long RENEW_AGAIN_MILLIS_MIN = 1_000;

    private final Object lock;
    private final Consumer<ClientConnection> connector;
    private final Client client;
    private final RetryPause pause = new RetryPause();
    private @Nullable TokenCalls tokens;
    private @Nullable ClientConnection connection;
    private boolean ready;
    private boolean closed;

    /** Who uses the link. Called with the lock held. */
    interface Client {
        /** The connection is there; commands are not yet taken. */
        void opened();

        /** Says who this is. */
        void authenticate(String token);

        /** Commands are taken from now on. */
        void ready();

        /** @throws InvalidInputException if the frame makes no sense */
        void frame(byte[] frame);

        /** The connection is gone; another one is made. */
        void gone(String reason);

        /** The connection is gone, and no other one is made. */
        void over(String reason);
    }

    /**
     * @param lock the client's
     * @param connector begins to connect
     */
    ServerLink(Object lock, Consumer<ClientConnection> connector, Client client) {
        this.lock = lock;
        this.connector = connector;
        this.client = client;
    }

    /** Says who this is on the connections from the next one on. */
    void token(Supplier<String> source) {
        tokens = new TokenCalls(source, TOKEN_WITHIN);
    }

    /** Begins to connect. */
    void open() {
        if (!closed) {
            ClientConnection fresh = new ClientConnection(this);
            connection = fresh;
            connector.accept(fresh);
        }
    }

    /** Returns whether the server takes commands now. */
    boolean isReady() {
        return ready;
    }

    /** Sends a command, unless there is nobody to send it to. */
    void send(String command) {
        ClientConnection mine = connection;
        if (mine != null) {
            mine.send(command);
        }
    }

    /** Takes the server for dead when it is silent for some heartbeats. */
    void watch(long heartbeatMillis) {
        ClientConnection mine = connection;
        if (mine != null) {
            mine.watch(heartbeatMillis * SILENT_HEARTBEATS);
        }
    }

    /** Says again who this is when four fifths of the token's time are over. */
    void renew(long expiresNanos) {
        ClientConnection mine = connection;
        if (mine != null) {
            renew(mine, expiresNanos, RENEW_MILLIS_MIN);
        }
    }

    /** The server has told when to come back, spread over its clients: no pause is added. */
    void moveOn(long afterMillis) {
        ClientConnection mine = connection;
        later(afterMillis, () -> {
            if (mine != null && isCurrent(mine)) {
                drop();
                later(0, this::open);
                client.gone("the server is being restarted");
            }
        });
    }

    /** Breaks the connection, as a network would. */
    void disconnect() {
        ClientConnection mine = connection;
        if (mine != null && mine.isOpen()) {
            lost(mine, "cut off by the caller");
        }
    }

    void close() {
        closed = true;
        ready = false;
        ClientConnection mine = connection;
        if (mine != null) {
            mine.close();
        }
    }

    @Override
    public void opened(ClientConnection mine) {
        synchronized (lock) {
            if (!isCurrent(mine)) {
                mine.abort();
                return;
            }
            client.opened();
            TokenCalls source = tokens;
            if (!isCurrent(mine)) {
                return; // who was told has ended it
            }
            if (source == null) {
                greet();
            } else {
                authenticate(source, mine, this::greet, why -> lost(mine, why));
            }
        }
    }

    @Override
    public void frame(ClientConnection mine, byte[] frame) {
        synchronized (lock) {
            if (isCurrent(mine)) {
                try {
                    client.frame(frame);
                } catch (InvalidInputException e) {
                    lost(mine, String.valueOf(e.getMessage()));
                }
            }
        }
    }

    @Override
    public void closed(ClientConnection mine, int code, String reason) {
        synchronized (lock) {
            boolean retry = Stream.of(WireCode.values()).allMatch(each -> each.code() != code || each.retry());
            if (retry) {
                lost(mine, code + " " + reason);
            } else if (isCurrent(mine)) {
                drop();
                client.over(code + " " + reason);
            }
        }
    }

    @Override
    public void lost(ClientConnection mine, String reason) {
        synchronized (lock) {
            if (isCurrent(mine)) {
                drop();
                // Before anyone is told: a listener that throws must not keep the client from coming back.
                later(pause.nextMillis(), this::open);
                client.gone(reason);
            }
        }
    }

    private boolean isCurrent(ClientConnection mine) {
        return !closed && mine == connection;
    }

    /** The server knows who this is: it may be told what is wanted. */
    private void greet() {
        pause.reset();
        ready = true;
        client.ready();
    }

    private void drop() {
        ClientConnection mine = connection;
        connection = null;
        ready = false;
        if (mine != null) {
            mine.abort();
        }
    }

    private void authenticate(TokenCalls source, ClientConnection mine, Runnable then, Consumer<String> failed) {
        source.ask()
                .whenCompleteAsync(
                        (token, failure) -> {
                            synchronized (lock) {
                                if (!isCurrent(mine)) {
                                    return;
                                }
                                if (failure != null) {
                                    failed.accept("there is no token: " + failure);
                                } else {
                                    client.authenticate(token);
                                    then.run();
                                }
                            }
                        },
                        ClientThreads.CLOCK);
    }

    private void renew(ClientConnection mine, long expiresNanos, long millisMin) {
        long leftMillis =
                TimeUnit.NANOSECONDS.toMillis(expiresNanos - TimeSource.system().epochNanos());
        later(Math.max(millisMin, leftMillis / 5 * 4), () -> {
            TokenCalls source = tokens;
            if (source != null && isCurrent(mine)) {
                // Without a new token the server ends the connection when the old one ends.
                authenticate(source, mine, () -> {}, why -> renew(mine, expiresNanos, RENEW_AGAIN_MILLIS_MIN));
            }
        });
    }

    private void later(long millis, Runnable step) {
        ClientThreads.CLOCK.schedule(
                () -> {
                    synchronized (lock) {
                        step.run();
                    }
                },
                millis,
                TimeUnit.MILLISECONDS);
    }
}
