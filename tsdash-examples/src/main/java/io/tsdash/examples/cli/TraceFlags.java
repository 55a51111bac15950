package io.tsdash.examples.cli;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say how the server lets itself be watched. */
final class TraceFlags {
    @Option(
            names = "--traces",
            paramLabel = "ADDRESS",
            description = "Where traces go, by OTLP (nowhere): otlp://HOST:PORT (gRPC), or http://HOST:PORT/v1/traces.")
    private @Nullable String traces;

    @Option(
            names = "--trace-sample",
            paramLabel = "SHARE",
            description = "Share of the trades that are traced, 0 to 1 (0.001); the same on all servers.")
    private @Nullable String share;

    @Option(
            names = "--trace-rate",
            paramLabel = "COUNT",
            description = "How many trades a second are traced at most, 1 to 1000000 (10).")
    private @Nullable String rate;

    @Option(
            names = "--log-format",
            paramLabel = "FORM",
            description =
                    "Form of the log on standard error: text (text), or ecs: JSON for Elasticsearch and OpenSearch.")
    private @Nullable String logFormat;

    /** Returns what was given, by the names of the settings. */
    Map<String, String> values() {
        return new GivenFlags()
                .add("traces", traces)
                .add("trace-sample", share)
                .add("trace-rate", rate)
                .add("log-format", logFormat)
                .values();
    }
}
