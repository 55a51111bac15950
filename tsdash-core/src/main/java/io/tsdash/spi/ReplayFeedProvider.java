package io.tsdash.spi;

import io.tsdash.error.ConfigurationException;
import io.tsdash.source.Feed;
import io.tsdash.source.ReplayFeed;
import io.tsdash.source.ReplayOptions;
import io.tsdash.time.TimeSource;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Recorded tapes, under the name {@code replay}. */
public final class ReplayFeedProvider implements FeedProvider {

    /** Called by the service loader. */
    public ReplayFeedProvider() {}

    @Override
    public String name() {
        return "replay";
    }

    @Override
    public String description() {
        return "replay:FILE[,FILE…] plays CSV tapes of trades and quotes, plain or gzip; options: speed (a number, or"
                + " max), restamp (true plays them at today's time)";
    }

    @Override
    public Feed open(ProviderOptions options, TimeSource time) {
        List<Path> files = Arrays.stream(options.argument().split(",", -1))
                .filter(file -> !file.isBlank())
                .map(Path::of)
                .toList();
        if (files.isEmpty()) {
            options.problem("feed was 'replay:" + options.argument() + "' but it must name a file: replay:FILE[,FILE]");
        }
        double speed = options.speed(1);
        boolean restamp = options.flag("restamp");
        try {
            new ReplayOptions(speed, restamp);
        } catch (ConfigurationException e) {
            e.problems().forEach(options::problem);
        }
        options.check();
        return ReplayFeed.open(files, new ReplayOptions(speed, restamp), time);
    }
}
