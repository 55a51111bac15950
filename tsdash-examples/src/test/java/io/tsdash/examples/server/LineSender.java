package io.tsdash.examples.server;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** A venue that sends lines to all who are connected, for {@code --feed lines:}; the same to each. */
final class LineSender implements AutoCloseable {
    private final ServerSocket listening;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final int perSecond;
    private final int symbols;
    private final Thread sending = new Thread(this::send, "line-sender");
    private volatile boolean closed;
    private final AtomicLong sent = new AtomicLong();

    LineSender(int perSecond, int symbols) {
        this.perSecond = perSecond;
        this.symbols = symbols;
        try {
            listening = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread accepting = new Thread(this::accept, "line-sender-accept");
        accepting.setDaemon(true);
        accepting.start();
    }

    String feed() {
        return "lines:127.0.0.1:" + listening.getLocalPort();
    }

    int connected() {
        return sockets.size();
    }

    /** Sends from now on, until it is closed. */
    void start() {
        sending.setDaemon(true);
        sending.start();
    }

    /** Ends, and returns how many lines there were. */
    long stop() throws InterruptedException {
        closed = true;
        sending.join();
        return sent.get();
    }

    long sent() {
        return sent.get();
    }

    @Override
    public void close() {
        closed = true;
        try {
            listening.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        try {
            while (!closed) {
                sockets.add(listening.accept());
            }
        } catch (IOException e) {
            // It is closed.
        }
    }

    private void send() {
        long next = System.nanoTime();
        while (!closed) {
            long number = sent.get();
            long nanos = System.currentTimeMillis() * 1_000_000 + number % 1_000_000;
            String line = number + " S" + number % symbols + " " + nanos + " " + (100 + number % 97 / 10.0) + " "
                    + (1 + number % 7) + "\n";
            byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
            sockets.removeIf(socket -> !write(socket, bytes));
            sent.incrementAndGet();
            next += 1_000_000_000L / perSecond;
            LockSupport.parkNanos(next - System.nanoTime());
        }
    }

    private static boolean write(Socket socket, byte[] bytes) {
        try {
            OutputStream out = socket.getOutputStream();
            out.write(bytes);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
