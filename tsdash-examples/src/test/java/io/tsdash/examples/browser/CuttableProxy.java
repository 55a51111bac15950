package io.tsdash.examples.browser;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The network between a browser and a server: it can be cut, and restored on the same port. */
public final class CuttableProxy implements AutoCloseable {
    private final int target;
    private final int port;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private ServerSocket listening;

    public CuttableProxy(int target) throws IOException {
        this.target = target;
        listening = listen(0);
        port = listening.getLocalPort();
    }

    public int port() {
        return port;
    }

    /** Breaks all connections and takes no more. */
    public void cut() throws IOException {
        listening.close();
        for (Socket socket : open) {
            socket.close();
        }
    }

    public void restore() throws IOException {
        listening = listen(port);
    }

    @Override
    public void close() throws IOException {
        cut();
    }

    private ServerSocket listen(int at) throws IOException {
        ServerSocket server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), at));
        daemon("proxy-accept", () -> accept(server));
        return server;
    }

    private void accept(ServerSocket server) {
        while (!server.isClosed()) {
            try {
                Socket inward = server.accept();
                open.add(inward);
                Socket outward = new Socket(InetAddress.getLoopbackAddress(), target);
                open.add(outward);
                daemon("proxy-in", () -> copy(inward, outward));
                daemon("proxy-out", () -> copy(outward, inward));
            } catch (IOException e) {
                if (!server.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
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
