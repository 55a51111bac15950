package io.tsdash.examples.clients;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A program for Node in {@code web} that writes a line whenever what it has changes. */
final class NodeClient implements AutoCloseable {
    private final Process process;
    private volatile String said = "{}";

    NodeClient(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of("node"));
        command.addAll(List.of(words));
        process = new ProcessBuilder(command)
                .directory(Path.of("web").toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Thread reader = new Thread(this::read, "client-output");
        reader.setDaemon(true);
        reader.start();
    }

    /** The last line. */
    String said() {
        return said;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            lines.lines().forEach(line -> said = line);
        } catch (IOException | UncheckedIOException e) {
            said = "{}";
        }
    }
}
