package io.tsdash.examples.server;

import io.tsdash.examples.Eventually;
import io.tsdash.examples.cli.Tsdash;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The command line in a process of its own, as a user would start it. */
public final class ServerProcess implements AutoCloseable {
    private static final Pattern ADDRESS = Pattern.compile("at (http://\\S+)/");

    private final Process process;
    private final Path output;

    /** Starts it, with its output in this folder. */
    public ServerProcess(Path folder, String... arguments) throws IOException {
        output = Files.createTempFile(folder, "server", ".out");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Tsdash.class.getName(),
                "serve"));
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    /** Waits until it serves, and returns its address. */
    public String address() {
        Eventually.holds(
                "the server serves: " + text(),
                Duration.ofSeconds(60),
                () -> ADDRESS.matcher(text()).find() || !process.isAlive());
        Matcher matcher = ADDRESS.matcher(text());
        if (!matcher.find()) {
            throw new AssertionError("the server ended: " + text());
        }
        return matcher.group(1);
    }

    /** Returns the body of an answer. */
    public String get(String path) {
        try {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(address() + path))
                                    .timeout(Duration.ofSeconds(10))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new AssertionError(path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(path, e);
        }
    }

    /** SIGKILL: nothing of it runs any more. */
    void kill() {
        process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
    }

    /** SIGSTOP: it answers nobody until {@link #thaw}. */
    public void freeze() {
        signal("STOP");
    }

    /** SIGCONT. */
    public void thaw() {
        signal("CONT");
    }

    /** SIGTERM. */
    public void terminate() {
        process.destroy();
    }

    /** Returns the exit code, or fails after the timeout. */
    public int exitCode(Duration timeout) throws InterruptedException {
        if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("it still runs after " + timeout + ": " + text());
        }
        return process.exitValue();
    }

    /** Returns its output so far. */
    public String text() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        kill();
    }

    private void signal(String name) {
        try {
            int exit = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .start()
                    .waitFor();
            if (exit != 0) {
                throw new AssertionError("kill -" + name + " ended with " + exit);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
