package io.tsdash.examples.server;

import io.tsdash.cache.CacheLoader;
import io.tsdash.cache.ValueWriter;
import io.tsdash.error.ConfigurationException;
import io.tsdash.error.InvalidInputException;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.transport.UserData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Keeps texts in a folder, each in a file of its own that is replaced as a whole: whoever reads it has the text of before or the new
 * one, also after a crash. A file is named by the SHA-256 of its key, so that any key has a name that any file system takes. Files are
 * readable by this user only. Thread-safe; several servers may share the folder.
 */
final class UserFiles implements ValueWriter<String>, CacheLoader<String> {
    private final Path folder;

    /**
     * @param folder made when it is not there
     * @throws ConfigurationException if it cannot be written
     */
    UserFiles(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
            Files.delete(Files.createTempFile(folder, "check", ".tmp"));
        } catch (IOException e) {
            throw new ConfigurationException(
                    List.of("user-data was '" + folder + "' but it must be a folder that can be written: " + e));
        }
    }

    @Override
    public Optional<String> load(String key) {
        Path file = file(key);
        try {
            if (Files.size(file) > UserData.BYTES_MAX) {
                throw new PermanentException(file + " has " + Files.size(file) + " bytes but a user's text has at most "
                        + UserData.BYTES_MAX);
            }
            return Optional.of(Files.readString(file));
        } catch (NoSuchFileException e) {
            if (Files.isDirectory(folder)) {
                return Optional.empty();
            }
            throw new TransientException("the folder of what users keep, " + folder + ", is not there", e);
        } catch (IOException e) {
            throw new TransientException("what a user keeps cannot be read: " + e, e);
        }
    }

    /** When this returns the text is on the disk. */
    @Override
    public void write(String key, String text) {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
        if (bytes.remaining() > UserData.BYTES_MAX) {
            throw new InvalidInputException(
                    "a user's text had " + bytes.remaining() + " bytes but it must have at most " + UserData.BYTES_MAX);
        }
        try {
            Path written = Files.createTempFile(folder, "new", ".tmp");
            try {
                try (FileChannel channel = FileChannel.open(written, StandardOpenOption.WRITE)) {
                    while (bytes.hasRemaining()) {
                        channel.write(bytes);
                    }
                    channel.force(true);
                }
                Files.move(written, file(key), StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(written);
            }
        } catch (IOException e) {
            throw new TransientException("what a user keeps cannot be written: " + e, e);
        }
    }

    private Path file(String key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
            return folder.resolve(HexFormat.of().formatHex(hash) + ".json");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("each Java has SHA-256", e);
        }
    }
}
