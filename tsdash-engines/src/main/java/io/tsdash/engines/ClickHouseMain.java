package io.tsdash.engines;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs the real ClickHouse server in this process, out of {@code libchdb.so}; ends when its standard input does.
 *
 * <p>The library holds all of clickhouse-local, and that can listen on HTTP and TCP as the server does.
 */
final class ClickHouseMain {
    /** What is called of the library. */
    public interface LibChdb extends Library {
        /** Runs clickhouse-local with these arguments; returns when its queries have ended. */
        @Nullable
        Pointer chdb_query_cmdline(int count, String[] arguments);

        /** Returns what went wrong, if anything did. */
        @Nullable
        Pointer chdb_result_error(Pointer result);

        /** The JVM needs its own handler of SIGSEGV. */
        void chdb_set_signal_handlers_enabled(boolean enabled);
    }

    private ClickHouseMain() {}

    /**
     * @param args the library, the data folder, the HTTP port, the TCP port, the configuration file, and the port of a
     *     {@link GentleRelay} to the HTTP port
     * @throws IOException if that port is taken
     */
    public static void main(String[] args) throws IOException {
        GentleRelay.start(Integer.parseInt(args[5]), Integer.parseInt(args[2]));
        LibChdb library = Native.load(args[0], LibChdb.class, Map.of(Library.OPTION_STRING_ENCODING, "UTF-8"));
        library.chdb_set_signal_handlers_enabled(false);
        List<String> arguments = new ArrayList<>(List.of(
                "clickhouse-local",
                "--path=" + args[1],
                "--listen_host=127.0.0.1",
                "--http_port=" + args[2],
                "--tcp_port=" + args[3],
                "--config-file=" + args[4]));
        for (String query : List.of(
                "SYSTEM START LISTEN TCP",
                "SYSTEM START LISTEN HTTP",
                "SELECT * FROM file('/dev/stdin', 'LineAsString', 'line String') FORMAT Null")) {
            arguments.add("--query");
            arguments.add(query);
        }
        Pointer result = library.chdb_query_cmdline(arguments.size(), arguments.toArray(String[]::new));
        Pointer error = result == null ? null : library.chdb_result_error(result);
        if (error != null) {
            System.err.println("ClickHouse: " + error.getString(0, "UTF-8"));
        }
        // Its own teardown is not clean once its signal handlers are off; what is on disk is whole either way.
        Runtime.getRuntime().halt(error == null ? 0 : 1);
    }
}
