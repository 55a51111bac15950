package io.tsdash.examples.cli;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say what is kept close for readers, and how often they may ask. */
final class CacheFlags {
    @Option(
            names = "--cache",
            paramLabel = "ADDRESS",
            description =
                    "Where charts, last prices and watch-lists are kept close (local): a Redis that several servers"
                            + " share, redis://HOST:PORT, redis-sentinel://HOST:PORT,…#MASTER or redis-cluster://HOST:PORT,…")
    private @Nullable String cache;

    @Option(
            names = "--user-data",
            paramLabel = "DIR",
            description =
                    "Folder that keeps users' watch-lists for good; of several servers one that all reach. Without it"
                            + " they stay for a day after the last change, and as long as the cache.")
    private @Nullable String userData;

    @Option(
            names = "--rate-limit",
            paramLabel = "LIMITS",
            description =
                    "How many REST requests each user, or address, may send, such as 50/s,1000/m; over all servers"
                            + " that share a cache.")
    private @Nullable String limits;

    /** Returns what was given, by the names of the settings. */
    Map<String, String> values() {
        return new GivenFlags()
                .add("cache", cache)
                .add("user-data", userData)
                .add("rate-limit", limits)
                .values();
    }
}
