package io.tsdash.examples.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.cache.Cache;
import io.tsdash.cache.CacheAsideListener;
import io.tsdash.error.ConfigurationException;
import io.tsdash.error.InvalidInputException;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.testkit.ManualTimeSource;
import io.tsdash.transport.UserData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What users keep in a folder; behind a Redis that goes away, see SharedCachesTest. */
@Timeout(60)
class StoredUserDataTest {
    private static final String LIST = "watchlist";
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir
    private Path folder;

    private final ManualTimeSource time = new ManualTimeSource(1_700_000_000_000_000_000L);
    private StoredUserData data;

    @BeforeEach
    void start() {
        data = open();
    }

    @AfterEach
    void close() {
        data.close();
    }

    @Test
    void staysForLongerThanTheCacheAndOverARestart() {
        data.write("ann", LIST, "[\"AAPL\"]");
        time.advance(DAY.multipliedBy(30));
        assertThat(data.read("ann", LIST)).contains("[\"AAPL\"]");
        data.close();
        data = open();
        assertThat(data.read("ann", LIST)).contains("[\"AAPL\"]");
        data.write("ann", LIST, "[]");
        assertThat(data.read("ann", LIST)).contains("[]");
    }

    @Test
    void anyNameHasAFileOfItsOwnInTheFolder() throws IOException {
        List<String> users = List.of("ann", "Ann", "../ann", "/etc/passwd", "a/b", "a\\b", ".", "ä✓", "x".repeat(128));
        users.forEach(user -> data.write(user, LIST, "[\"" + user + "\"]"));
        users.forEach(user -> assertThat(data.read(user, LIST)).contains("[\"" + user + "\"]"));
        assertThat(files())
                .hasSameSizeAs(users)
                .allMatch(file -> file.getFileName().toString().matches("[0-9a-f]{64}\\.json"));
    }

    @Test
    void thatAUserHasNothingIsKnownForAMinuteAndUntilTheUserKeepsSomething() {
        for (int i = 0; i < 5; i++) {
            assertThat(data.read("bob", LIST)).isEmpty();
        }
        assertThat(data.texts().counts().loads()).isEqualTo(1);
        time.advance(Duration.ofMinutes(1));
        assertThat(data.read("bob", LIST)).isEmpty();
        assertThat(data.texts().counts().loads()).isEqualTo(2);
        data.write("bob", LIST, "[]");
        assertThat(data.read("bob", LIST)).contains("[]");
    }

    @Test
    void whatFailsIsToldAndWhatWasThereStays() throws IOException {
        data.write("ann", LIST, "[]");
        String large = "x".repeat(UserData.BYTES_MAX + 1);
        assertThatThrownBy(() -> data.write("ann", LIST, large))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("a user's text had 16385 bytes but it must have at most 16384");
        assertThat(data.read("ann", LIST)).contains("[]");

        Files.writeString(files().get(0), large);
        time.advance(DAY);
        assertThatThrownBy(() -> data.read("ann", LIST))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("has 16385 bytes");

        Files.delete(files().get(0));
        Files.delete(folder);
        assertThatThrownBy(() -> data.read("ann", LIST))
                .as("not as if the user had none")
                .isInstanceOf(TransientException.class)
                .hasMessageContaining(folder + ", is not there");
        assertThatThrownBy(() -> data.write("ann", LIST, "[]")).isInstanceOf(TransientException.class);
        Files.createDirectory(folder);
        data.write("ann", LIST, "[]");
    }

    @Test
    void aFolderThatCannotBeWrittenIsRefusedAtTheStart() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> new UserFiles(file))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("user-data was '" + file + "' but it must be a folder that can be written");
    }

    private StoredUserData open() {
        return new StoredUserData(new UserFiles(folder), Cache.inMemory(100, time), CacheAsideListener.NONE, time);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.toList();
        }
    }
}
