package io.tsdash.examples.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say what carries events from the feed to what is made of them. */
final class BusFlags {
    @Option(
            names = "--bus",
            paramLabel = "BUS",
            description = "What carries events (in-process); kafka: between several servers; see below.")
    private @Nullable String bus;

    @Option(names = "--bus-url", paramLabel = "ADDRESS", description = "Address of the bus, such as 127.0.0.1:9092.")
    private @Nullable String url;

    @Option(
            names = "--bus-option",
            paramLabel = "NAME=VALUE",
            description = "An option of the bus; may be repeated. A password: better in the file of settings.")
    private Map<String, String> options = new LinkedHashMap<>();

    @Option(
            names = "--bus-quiet",
            paramLabel = "TIME",
            description = "Without a feed of its own: prices are stale after so long without events (5s).")
    private @Nullable String quiet;

    /** Returns what was given, by the names of the settings. */
    Map<String, String> values() {
        return new GivenFlags()
                .add("bus", bus)
                .add("bus-url", url)
                .add("bus-quiet", quiet)
                .add("bus.", options)
                .values();
    }
}
