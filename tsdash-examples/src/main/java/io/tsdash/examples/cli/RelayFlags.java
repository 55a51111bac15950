package io.tsdash.examples.cli;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of a server that shares its channels with others. */
final class RelayFlags {
    @Option(
            names = "--relay",
            paramLabel = "ADDRESS",
            description = "Redis over which several servers share their channels, such as redis://127.0.0.1:6379;"
                    + " needs a store that all reach, and takes no orders.")
    private @Nullable String relay;

    @Option(
            names = "--relay-name",
            paramLabel = "NAME",
            description = "Tells groups of servers apart that share one Redis (tsdash).")
    private @Nullable String name;

    @Option(names = "--relay-node", paramLabel = "NAME", description = "This server's name for people (HOST:PORT).")
    private @Nullable String node;

    @Option(
            names = "--relay-lease",
            paramLabel = "TIME",
            description = "How long a leader may be silent before another takes over (2s).")
    private @Nullable String lease;

    /** Returns what was given, by the names of the settings. */
    Map<String, String> values() {
        return new GivenFlags()
                .add("relay", relay)
                .add("relay-name", name)
                .add("relay-node", node)
                .add("relay-lease", lease)
                .values();
    }
}
