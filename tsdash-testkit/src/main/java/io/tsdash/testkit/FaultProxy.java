package io.tsdash.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A TCP proxy on the loopback that can go wrong on purpose, between an adapter and its real server.
 *
 * <p>Thread-safe. Four daemon threads a connection.
 */
public final class FaultProxy implements AutoCloseable {
    private enum Mode {
        PASS,
        SILENT,
        CLOSE_AT_ONCE
    }

    private static final long NEVER = Long.MAX_VALUE;
    private static final int BUFFER_BYTES = 16 * 1024;
    private static final int PIECES_MAX = 1_024;

    private final ServerSocket server;
    private volatile InetSocketAddress target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Object cutting = new Object();
    private volatile Mode mode = Mode.PASS;
    private volatile long delayMillis;
    private volatile boolean corrupting;
    private long upBytesLeft = NEVER;
    private long downBytesLeft = NEVER;
    private boolean wasCut;

    private FaultProxy(ServerSocket server, InetSocketAddress target) {
        this.server = server;
        this.target = target;
    }

    /**
     * Starts to listen.
     *
     * @param host of the real server
     * @param port of the real server
     */
    public static FaultProxy to(String host, int port) {
        try {
            ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            FaultProxy proxy = new FaultProxy(server, new InetSocketAddress(host, port));
            start("accept", proxy::accept);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the port on the loopback that it listens on. */
    public int port() {
        return server.getLocalPort();
    }

    /** Lets new connections go to another port, such as that of a server started again. */
    public void retarget(int port) {
        target = new InetSocketAddress(target.getHostString(), port);
    }

    /** From here on all is passed on again; connections that were cut stay so. */
    public void heal() {
        synchronized (cutting) {
            upBytesLeft = NEVER;
            downBytesLeft = NEVER;
            wasCut = false;
        }
        delayMillis = 0;
        corrupting = false;
        mode = Mode.PASS;
    }

    /** From here on holds each piece that comes from the server back by so much; open connections too. */
    public void delay(Duration by) {
        delayMillis = by.toMillis();
    }

    /** From here on turns a bit in each piece that comes from the server: open connections too. */
    public void corrupt() {
        corrupting = true;
    }

    /** Resets every connection once this many more bytes went to the server; it gets exactly those. */
    public void cutAfterSending(long bytes) {
        synchronized (cutting) {
            upBytesLeft = bytes;
            wasCut = false;
        }
    }

    /** Resets every connection once this many more bytes came from the server; with 0 its next answer is lost whole. */
    public void cutAfterReceiving(long bytes) {
        synchronized (cutting) {
            downBytesLeft = bytes;
            wasCut = false;
        }
    }

    /** Returns whether a cut that was asked for has happened. */
    public boolean wasCut() {
        synchronized (cutting) {
            return wasCut;
        }
    }

    /** Takes connections and bytes, passes nothing on and answers nothing; open connections too. */
    public void beSilent() {
        mode = Mode.SILENT;
    }

    /** Closes each new connection as soon as it is there, and all that are open. */
    public void refuse() {
        mode = Mode.CLOSE_AT_ONCE;
        reset();
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            // it is of no use any more either way
        }
        reset();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                if (mode == Mode.CLOSE_AT_ONCE) {
                    client.close();
                    continue;
                }
                open.add(client);
                Socket upstream = new Socket();
                // Else small writes wait for acknowledgements, and a proxied server looks 40 ms slower than it is.
                client.setTcpNoDelay(true);
                upstream.setTcpNoDelay(true);
                open.add(upstream);
                if (mode == Mode.PASS) {
                    upstream.connect(target, 5_000);
                    start("down", () -> pump(upstream, client, false));
                }
                start("up", () -> pump(client, upstream, true));
                if (mode == Mode.CLOSE_AT_ONCE || server.isClosed()) {
                    reset(); // that was said after the first look, and this one came too late to be closed then
                }
            } catch (IOException e) {
                if (!server.isClosed()) {
                    reset(); // the server behind is away: so is this
                }
            }
        }
    }

    /** Reads on one thread and writes on another, so that what is held back does not hold back what follows. */
    private void pump(Socket from, Socket to, boolean up) {
        BlockingQueue<Piece> pieces = new ArrayBlockingQueue<>(PIECES_MAX);
        start(up ? "to-server" : "to-client", () -> write(pieces, from, to, up));
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            InputStream in = from.getInputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                long heldNanos = up ? 0 : TimeUnit.MILLISECONDS.toNanos(delayMillis);
                Piece piece = new Piece(Arrays.copyOf(buffer, read), System.nanoTime() + heldNanos);
                while (!pieces.offer(piece, 100, TimeUnit.MILLISECONDS)) {
                    if (from.isClosed()) {
                        return; // the other thread has ended, and with it the connection
                    }
                }
            }
            pieces.put(Piece.END);
        } catch (IOException | InterruptedException e) {
            close(from);
            close(to);
            pieces.clear();
            if (!pieces.offer(Piece.END)) {
                throw new IllegalStateException("a queue that was just emptied is full", e);
            }
        } finally {
            open.remove(from);
        }
    }

    private void write(BlockingQueue<Piece> pieces, Socket from, Socket to, boolean up) {
        try {
            OutputStream out = to.isConnected() ? to.getOutputStream() : OutputStream.nullOutputStream();
            for (Piece piece = pieces.take(); piece != Piece.END; piece = pieces.take()) {
                if (mode == Mode.SILENT) {
                    continue;
                }
                TimeUnit.NANOSECONDS.sleep(piece.dueNanos - System.nanoTime());
                int length = piece.bytes.length;
                if (corrupting && !up) {
                    piece.bytes[length / 2] ^= 0x10;
                }
                int passed = take(length, up);
                out.write(piece.bytes, 0, passed);
                out.flush();
                if (passed < length) {
                    reset();
                    close(from); // a reset at the same time may have taken them for closed
                    close(to);
                    return;
                }
            }
            to.shutdownOutput();
        } catch (IOException | InterruptedException e) {
            close(from);
            close(to);
        }
    }

    private int take(int bytes, boolean up) {
        synchronized (cutting) {
            long left = up ? upBytesLeft : downBytesLeft;
            if (left == NEVER) {
                return bytes;
            }
            int passed = (int) Math.min(left, bytes);
            if (up) {
                upBytesLeft -= passed;
            } else {
                downBytesLeft -= passed;
            }
            wasCut |= passed < bytes;
            return passed;
        }
    }

    private void reset() {
        // Each by itself, so that one that comes meanwhile stays known.
        open.removeIf(socket -> {
            close(socket);
            return true;
        });
    }

    private static void close(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // closed already
        }
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, "fault-proxy-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Bytes on their way. */
    private static final class Piece {
        static final Piece END = new Piece(new byte[0], 0);

        final byte[] bytes;
        final long dueNanos;

        Piece(byte[] bytes, long dueNanos) {
            this.bytes = bytes;
            this.dueNanos = dueNanos;
        }
    }
}
