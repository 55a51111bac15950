package io.tsdash.spi;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.InvalidInputException;
import io.tsdash.source.Feed;
import io.tsdash.time.TimeSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/** Opens feeds by name, such as {@code sim} or {@code replay:tape.csv.gz}. Thread-safe. */
public final class Feeds {
    private Feeds() {}

    /** Returns all that is there, in order of name. */
    public static List<FeedProvider> available() {
        return ServiceLoader.load(FeedProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparing(FeedProvider::name))
                .toList();
    }

    /**
     * Opens a feed without starting it.
     *
     * @param text a name, or a name, a colon and what the feed makes of the rest
     * @param options options by name
     * @param time the clocks it is to use
     * @throws InvalidInputException if there is no feed of that name; the message lists those that are there
     * @throws ConfigurationException with everything that is wrong with the options
     */
    public static Feed open(String text, Map<String, String> options, TimeSource time) {
        int colon = text.indexOf(':');
        String name = colon < 0 ? text : text.substring(0, colon);
        String argument = colon < 0 ? "" : text.substring(colon + 1);
        List<FeedProvider> available = available();
        for (FeedProvider provider : available) {
            if (provider.name().equals(name)) {
                return provider.open(new ProviderOptions("feed '" + name + "'", argument, options), time);
            }
        }
        throw new InvalidInputException("feed was '" + text + "' but there is none of that name. Available: "
                + available.stream().map(FeedProvider::name).collect(Collectors.joining(", ")));
    }
}
