package io.tsdash.examples.monitoring;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A disk of its own, in memory, that can be full; that takes root. */
final class SmallDisk implements AutoCloseable {
    private static final int BLOCK_BYTES = 4_096;

    private final Path folder;
    private final Path filler;

    SmallDisk(Path folder) throws IOException {
        this.folder = Files.createDirectory(folder);
        this.filler = folder.resolve("filler");
        asRoot("mount", "-t", "tmpfs", "-o", "size=32m,mode=0777", "tsdash-test", folder.toString());
    }

    Path folder() {
        return folder;
    }

    /** From here on nothing more can be written. */
    void fill() throws IOException {
        try (OutputStream out = Files.newOutputStream(filler)) {
            while (true) {
                out.write(new byte[BLOCK_BYTES]);
            }
        } catch (IOException e) {
            if (Files.getFileStore(folder).getUsableSpace() > 0) {
                throw e;
            }
        }
    }

    /** There is room again. */
    void makeRoom() throws IOException {
        Files.delete(filler);
    }

    @Override
    public void close() {
        asRoot("umount", "--lazy", folder.toString());
    }

    private static void asRoot(String... command) {
        List<String> words = new ArrayList<>(List.of(command));
        if (!System.getProperty("user.name").equals("root")) {
            words.addAll(0, List.of("sudo", "-n"));
        }
        MonitoringFiles.run(MonitoringFiles.FOLDER, words.toArray(String[]::new));
    }
}
