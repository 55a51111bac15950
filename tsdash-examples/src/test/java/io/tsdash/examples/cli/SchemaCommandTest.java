package io.tsdash.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SchemaCommandTest {
    @TempDir
    private Path folder;

    @Test
    void showsTheStatementsAndRunsThemOnlyWhenToldTo() {
        Path file = folder.resolve("store.duckdb");

        assertThat(schema(file)).contains("duckdb").contains("CREATE TABLE").doesNotContain("done");
        assertThat(file).doesNotExist();

        assertThat(schema(file, "--apply")).contains("CREATE TABLE").contains("-- duckdb: done");
        assertThat(file).exists();

        assertThat(schema(file, "--apply"))
                .contains("the schema is that of this version")
                .doesNotContain("CREATE TABLE")
                .doesNotContain("done");
    }

    @Test
    void showsThoseOfTheStoreOfBarsToo() {
        assertThat(schema(
                        folder.resolve("store.duckdb"),
                        "--bars-store",
                        "duckdb",
                        "--bars-store-url",
                        folder.resolve("bars.duckdb").toString()))
                .contains("store.duckdb")
                .contains("bars.duckdb");
    }

    private static String schema(Path file, String... more) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Tsdash.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        String[] arguments = new String[5 + more.length];
        arguments[0] = "schema";
        arguments[1] = "--store";
        arguments[2] = "duckdb";
        arguments[3] = "--store-url";
        arguments[4] = file.toString();
        System.arraycopy(more, 0, arguments, 5, more.length);
        assertThat(line.execute(arguments)).as("%s%s", out, err).isZero();
        return out.toString();
    }
}
