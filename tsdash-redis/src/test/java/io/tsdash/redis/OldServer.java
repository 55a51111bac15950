package io.tsdash.redis;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Says that it is a Redis of an old version, and knows nothing but PING and INFO: no such server can be had here. */
final class OldServer implements AutoCloseable {
    private final ServerSocket server;

    OldServer(String version) {
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread thread =
                new Thread(() -> accept("redis_version:" + version + "\r\nredis_mode:standalone\r\nrole:master\r\n"));
        thread.setDaemon(true);
        thread.start();
    }

    String address() {
        return "redis://127.0.0.1:" + server.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    private void accept(String info) {
        while (!server.isClosed()) {
            try (Socket socket = server.accept();
                    BufferedReader in = new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
                OutputStream out = socket.getOutputStream();
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    int words = Integer.parseInt(line.substring(1));
                    String command = "";
                    for (int i = 0; i < words; i++) {
                        in.readLine();
                        String word = in.readLine();
                        command = i == 0 ? word.toUpperCase(Locale.ROOT) : command;
                    }
                    String answer = switch (command) {
                        case "PING" -> "+PONG\r\n";
                        case "INFO" -> "$" + info.length() + "\r\n" + info + "\r\n";
                        default -> "-ERR unknown command '" + command + "'\r\n";
                    };
                    out.write(answer.getBytes(StandardCharsets.UTF_8));
                }
            } catch (IOException e) {
                // the client is gone, or the test ends
            }
        }
    }
}
