package io.tsdash.engines;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One Redis on a port of the loopback, without snapshots on disk unless its settings ask for them. One thread at a time. */
public final class RedisServer implements AutoCloseable {
    private static final int ANSWER_MILLIS_MAX = 2_000;

    private final Path folder;
    private final int port;
    private final List<String> settings;
    private EngineProcess process;

    private RedisServer(Path folder, int port, List<String> settings) {
        this.folder = folder;
        this.port = port;
        this.settings = List.copyOf(settings);
        this.process = launch();
    }

    /**
     * Starts a server on a free port and waits until it answers.
     *
     * @param folder where it keeps its data and log; made when it is not there
     * @param settings of its configuration, name and value in turn, such as {@code "--requirepass", "secret"}
     */
    public static RedisServer start(Path folder, String... settings) {
        return startAt(folder, EngineProcess.freePort(), List.of(settings));
    }

    static RedisServer startAt(Path folder, int port, List<String> settings) {
        return new RedisServer(folder, port, settings);
    }

    /** Returns its port on the loopback. */
    public int port() {
        return port;
    }

    /** Returns its address, without a password. */
    public String address() {
        return "redis://127.0.0.1:" + port;
    }

    /** Returns its process id. */
    public long pid() {
        return process.process().pid();
    }

    /** Ends it as a crash would (SIGKILL), and waits until it is gone. */
    public void kill() {
        process.kill();
    }

    /** Starts it again on the same folder and port, and waits until it answers. */
    public void restart() {
        process.close();
        process = launch();
    }

    /**
     * Sends a command by hand and returns the first bytes of the answer, as they come over the wire.
     *
     * @param words the command and its arguments, without spaces in them
     */
    public String command(String... words) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(ANSWER_MILLIS_MAX);
            socket.getOutputStream().write((String.join(" ", words) + "\r\n").getBytes(StandardCharsets.UTF_8));
            byte[] answer = new byte[1 << 16];
            int read = socket.getInputStream().read(answer);
            return read < 0 ? "" : new String(answer, 0, read, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public void close() {
        process.close();
    }

    /** Returns a program of Redis that the scripts have put into the cache. */
    static String program(String name) {
        return EngineProcess.installed(EngineProcess.cache().resolve("redis").resolve(name))
                .toString();
    }

    private EngineProcess launch() {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> command = new ArrayList<>(List.of(
                program("redis-server"),
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--dir",
                folder.toString(),
                "--save",
                "",
                "--repl-diskless-sync-delay",
                "0"));
        command.addAll(settings);
        return EngineProcess.start("redis-server", command, Map.of(), folder.resolve("log"), this::answers);
    }

    /** A server that wants a password, or is still loading, is there too: it answers with an error. */
    private boolean answers() {
        String answer = command("PING");
        return answer.startsWith("+PONG") || answer.startsWith("-NOAUTH");
    }
}
