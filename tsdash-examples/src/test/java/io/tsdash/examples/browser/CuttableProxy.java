package io.tsdash.examples.browser;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The network between a client and a server: it can be cut and restored.
 *
 * <p>While it is cut it breaks every connection at once. It keeps its port: a port that is given back may be another's
 * when it is wanted again.
 */
public final class CuttableProxy implements AutoCloseable {
    private static final int BACKLOG = 50;

    private final int target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ServerSocket listening;
    private boolean cut;

    public CuttableProxy(int target) throws IOException {
        this.target = target;
        listening = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        daemon("proxy-accept", this::accept);
    }

    public int port() {
        return listening.getLocalPort();
    }

    /** Breaks all connections, those that come too. */
    public synchronized void cut() throws IOException {
        cut = true;
        for (Socket socket : open) {
            socket.close();
        }
    }

    public synchronized void restore() {
        cut = false;
    }

    @Override
    public void close() throws IOException {
        listening.close();
        cut();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                join(listening.accept());
            } catch (IOException e) {
                if (!listening.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private synchronized void join(Socket inward) throws IOException {
        if (cut) {
            inward.close();
            return;
        }
        Socket outward = new Socket(InetAddress.getLoopbackAddress(), target);
        open.add(inward);
        open.add(outward);
        daemon("proxy-in", () -> copy(inward, outward));
        daemon("proxy-out", () -> copy(outward, inward));
    }

    private void copy(Socket from, Socket to) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
        } catch (IOException e) {
            // one of the two ends is gone, and with it the connection: that is what a cut looks like
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }
}
