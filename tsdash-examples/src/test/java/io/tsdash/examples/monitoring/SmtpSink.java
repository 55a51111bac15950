package io.tsdash.examples.monitoring;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.function.Consumer;

/** A mail server of one user on this machine, as far as a sender needs one (RFC 5321, AUTH PLAIN of RFC 4954). */
final class SmtpSink implements AutoCloseable {
    private final ServerSocket listening;
    private final String credentials;
    private final Consumer<String> heard;

    /** @param heard takes each message, headers and body; called by one thread a connection */
    SmtpSink(String user, String password, Consumer<String> heard) {
        credentials =
                Base64.getEncoder().encodeToString(("\0" + user + "\0" + password).getBytes(StandardCharsets.UTF_8));
        this.heard = heard;
        try {
            listening = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listening.accept();
                start(() -> serve(socket));
            }
        } catch (IOException e) {
            // It is closed.
        }
    }

    private void serve(Socket socket) {
        try (socket;
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
            boolean known = false;
            say(socket, "220 sink");
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String command = line.toUpperCase(Locale.ROOT);
                if (command.startsWith("EHLO")) {
                    say(socket, "250-sink\r\n250 AUTH PLAIN");
                } else if (command.startsWith("AUTH PLAIN ")) {
                    known = line.substring("AUTH PLAIN ".length()).equals(credentials);
                    say(socket, known ? "235 welcome" : "535 wrong password");
                } else if (command.startsWith("QUIT")) {
                    say(socket, "221 bye");
                    return;
                } else if (!known) {
                    say(socket, "530 who are you");
                } else if (command.startsWith("DATA")) {
                    say(socket, "354 go on");
                    heard.accept(message(in));
                    say(socket, "250 taken");
                } else {
                    say(socket, "250 ok");
                }
            }
        } catch (IOException e) {
            // The sender is gone.
        }
    }

    private static String message(BufferedReader in) throws IOException {
        StringBuilder message = new StringBuilder();
        for (String line = in.readLine(); line != null && !line.equals("."); line = in.readLine()) {
            message.append(line.startsWith(".") ? line.substring(1) : line).append("\r\n");
        }
        return message.toString();
    }

    private static void say(Socket socket, String line) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "smtp-sink");
        thread.setDaemon(true);
        thread.start();
    }
}
