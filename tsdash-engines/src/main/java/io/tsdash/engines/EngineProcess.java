package io.tsdash.engines;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A server as a child process, with its output in a file.
 *
 * <p>Ends with this process: its standard input is a pipe from here, and a shutdown hook kills what is left. Thread-safe.
 */
final class EngineProcess implements AutoCloseable {
    private static final long START_NANOS_MAX = TimeUnit.SECONDS.toNanos(120);
    private static final long STOP_SECONDS_MAX = 20;
    private static final int POLL_MILLIS = 25;

    private final String name;
    private final Process process;
    private final Path log;
    private final Thread hook;

    private EngineProcess(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
        this.hook = new Thread(process::destroyForcibly, "kill-" + name);
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /**
     * Starts a server and waits until it answers.
     *
     * @param name for messages
     * @param command program and arguments
     * @param environment variables beside those of this process
     * @param log where its output goes
     * @param ready whether it answers
     * @throws IllegalStateException with its output, if it ends or does not answer within two minutes
     */
    static EngineProcess start(
            String name, List<String> command, Map<String, String> environment, Path log, BooleanSupplier ready) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            builder.environment().putAll(environment);
            EngineProcess engine = new EngineProcess(name, builder.start(), log);
            engine.await(ready);
            return engine;
        } catch (IOException e) {
            throw new UncheckedIOException(name + " could not be started: " + command, e);
        }
    }

    /** Returns a port of the loopback that was free a moment ago. */
    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns whether something listens on a port of the loopback. */
    static boolean accepts(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), POLL_MILLIS * 10);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Returns a file that the project's scripts have put on this machine.
     *
     * @throws IllegalStateException if it is not there: a test without its server fails
     */
    static Path installed(Path file) {
        if (!Files.exists(file)) {
            throw new IllegalStateException(
                    "there is no " + file + ": run scripts/engines, which installs the servers that tests run on");
        }
        return file;
    }

    /** Returns the folder that the project's scripts install servers into. */
    static Path cache() {
        String home = System.getenv("XDG_CACHE_HOME");
        Path base = home == null || home.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(home);
        return base.resolve("tsdash");
    }

    /** Returns the process's output so far. */
    String output() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return "no output: " + e;
        }
    }

    Process process() {
        return process;
    }

    /** Sends it a signal, such as {@code STOP}. */
    void signal(String signal) {
        try {
            int exit = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                    .redirectErrorStream(true)
                    .start()
                    .waitFor();
            if (exit != 0) {
                throw new IllegalStateException("kill -" + signal + " of " + name + " ended with " + exit);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + name + " was sent a signal", e);
        }
    }

    /** Ends it as a crash would (SIGKILL), and waits until it is gone. */
    void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** Ends it in order. */
    @Override
    public void close() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // it is gone already
        }
        process.destroy();
        awaitEnd();
    }

    /**
     * Waits until it is ready.
     *
     * @throws IllegalStateException with its output, if it ends or is not ready within two minutes
     */
    void await(BooleanSupplier ready) {
        long giveUpNanos = System.nanoTime() + START_NANOS_MAX;
        try {
            while (!ready.getAsBoolean()) {
                if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                    throw new IllegalStateException(name + " ended with " + process.exitValue() + ": " + output());
                }
                if (System.nanoTime() > giveUpNanos) {
                    kill();
                    throw new IllegalStateException(name + " did not answer: " + output());
                }
            }
        } catch (InterruptedException e) {
            kill();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + name + " started", e);
        }
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(STOP_SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IllegalStateException e) {
            // this process ends: the hook is at work
        }
    }
}
