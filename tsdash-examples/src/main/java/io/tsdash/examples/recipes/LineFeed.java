package io.tsdash.examples.recipes;

import io.tsdash.error.InvalidInputException;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.Feed;
import io.tsdash.source.FeedListener;
import io.tsdash.source.Gap;
import io.tsdash.source.Refused;
import io.tsdash.time.TimeSource;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A feed of your own: trades from a TCP connection, a line {@code SEQUENCE SYMBOL NANOS PRICE VOLUME} each.
 *
 * <p>It tells gaps in the sequence, refuses lines that it cannot read, and connects again when the connection breaks.
 * {@link LineFeedProvider} gives it the name {@code lines}. A listener that blocks holds the socket back, and so the sender.
 */
final class LineFeed implements Feed {
    private static final int CONNECT_MILLIS = 5_000;
    private static final int SILENCE_MILLIS = 30_000;
    private static final long PAUSE_MILLIS = 1_000;
    private static final long JOIN_MILLIS = 2_000;

    private final InetSocketAddress address;
    private final TimeSource time;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Object lock = new Object();
    private @Nullable Thread thread;
    private @Nullable Socket socket;
    private long sequence = -1;
    private long lines;

    /** @param address unresolved: its name is looked up at each connect */
    LineFeed(InetSocketAddress address, TimeSource time) {
        this.address = address;
        this.time = time;
    }

    @Override
    public String name() {
        return "lines:" + address.getHostString() + ":" + address.getPort();
    }

    @Override
    public void start(FeedListener listener) {
        synchronized (lock) {
            if (thread != null || isClosing()) {
                throw new IllegalStateException("feed '" + name() + "' was started or closed before; open a new one");
            }
            thread = new Thread(() -> run(listener), "tsdash-feed-lines");
            thread.setDaemon(true);
            thread.start();
        }
    }

    @Override
    public void close() {
        closing.countDown();
        disconnect();
        Thread running;
        synchronized (lock) {
            running = thread;
        }
        if (running == null || running == Thread.currentThread()) {
            return;
        }
        running.interrupt();
        try {
            running.join(JOIN_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(FeedListener listener) {
        try {
            do {
                listener.onState(ConnectionState.CONNECTING, "to " + name());
                try {
                    read(listener);
                    listener.onState(ConnectionState.DOWN, "the other side ended the connection");
                } catch (IOException e) {
                    listener.onState(ConnectionState.DOWN, String.valueOf(e.getMessage()));
                }
            } while (!closing.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            disconnect();
        }
        listener.onState(ConnectionState.ENDED, "closed");
    }

    private void read(FeedListener listener) throws IOException {
        try (Socket connection = new Socket()) {
            synchronized (lock) {
                socket = connection;
            }
            connection.connect(new InetSocketAddress(address.getHostString(), address.getPort()), CONNECT_MILLIS);
            connection.setSoTimeout(SILENCE_MILLIS); // a silent connection is taken for dead
            BufferedReader reader =
                    new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8));
            listener.onState(ConnectionState.LIVE, "connected to " + name());
            String line;
            while (!isClosing() && (line = reader.readLine()) != null) {
                take(line, listener);
            }
        }
    }

    private void take(String line, FeedListener listener) {
        lines++;
        long now = time.epochNanos();
        try {
            String[] parts = line.split(" ", -1);
            if (parts.length != 5) {
                throw InvalidInputException.of("line", line, "must have 5 parts");
            }
            long next = Long.parseLong(parts[0]);
            Trade trade = new Trade(
                    parts[1],
                    Long.parseLong(parts[2]),
                    now,
                    next,
                    Double.parseDouble(parts[3]),
                    Double.parseDouble(parts[4]),
                    Side.UNKNOWN,
                    true,
                    true,
                    0);
            if (sequence >= 0 && next > sequence + 1) {
                listener.onGap(new Gap(name(), sequence, next, now, "lines are missing"));
            }
            sequence = Math.max(sequence, next);
            listener.onTrade(trade);
        } catch (InvalidInputException | NumberFormatException e) {
            listener.onRefused(new Refused(lines, line, String.valueOf(e.getMessage())));
        }
    }

    private boolean isClosing() {
        return closing.getCount() == 0;
    }

    /** Closing the socket ends a read that waits. */
    private void disconnect() {
        synchronized (lock) {
            if (socket != null) {
                try {
                    socket.close();
                } catch (IOException e) {
                    // It is gone either way.
                }
            }
        }
    }
}
