package io.tsdash.engines;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * Passes connections on to a server that must not see one reset: it gets an orderly end instead, and its answer is read.
 *
 * <p>clickhouse-local ends itself when the network fails in a thread of its HTTP server, where the server proper writes a
 * line to its log. Two daemon threads a connection.
 */
final class GentleRelay {
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int BACKLOG = 256;

    private final int target;

    private GentleRelay(int target) {
        this.target = target;
    }

    /** Starts to listen on one port of the loopback for another. */
    static void start(int port, int target) throws IOException {
        ServerSocket server = new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress());
        GentleRelay relay = new GentleRelay(target);
        run(() -> relay.accept(server));
    }

    private void accept(ServerSocket server) {
        while (true) {
            try {
                Socket client = server.accept();
                try {
                    Socket upstream = new Socket(InetAddress.getLoopbackAddress(), target);
                    client.setTcpNoDelay(true);
                    upstream.setTcpNoDelay(true);
                    run(() -> up(client, upstream));
                    run(() -> down(upstream, client));
                } catch (IOException e) {
                    client.close(); // the server does not listen yet, or has too many
                }
            } catch (IOException e) {
                System.err.println("relay: " + e);
            }
        }
    }

    private static void up(Socket client, Socket upstream) {
        try {
            InputStream in = client.getInputStream();
            OutputStream out = upstream.getOutputStream();
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(buffer, 0, read);
            }
        } catch (IOException e) {
            // the client is gone; what it began ends here
        }
        try {
            upstream.shutdownOutput();
        } catch (IOException e) {
            // the server was faster
        }
    }

    private static void down(Socket upstream, Socket client) {
        boolean wanted = true;
        try (upstream;
                client) {
            InputStream in = upstream.getInputStream();
            OutputStream out = client.getOutputStream();
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (wanted) {
                    wanted = write(out, buffer, read);
                }
            }
        } catch (IOException e) {
            // both are closed now
        }
    }

    private static boolean write(OutputStream out, byte[] buffer, int count) {
        try {
            out.write(buffer, 0, count);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void run(Runnable task) {
        Thread thread = new Thread(task, "relay");
        thread.setDaemon(true);
        thread.start();
    }
}
