package io.tsdash.spi;

import io.tsdash.error.ConfigurationException;
import io.tsdash.source.Feed;
import io.tsdash.source.SimulatedFeed;
import io.tsdash.source.SimulatorConfig;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.Objects;

/** The simulated market, under the name {@code sim}. */
public final class SimulatedFeedProvider implements FeedProvider {
    private static final int SYMBOLS = 50;
    private static final double EVENTS_PER_SECOND = 1_000;
    private static final double QUOTE_SHARE = 0.6;
    private static final Duration LATENESS = Duration.ofSeconds(2);

    /** Called by the service loader. */
    public SimulatedFeedProvider() {}

    @Override
    public String name() {
        return "sim";
    }

    @Override
    public String description() {
        return "a simulated market, no network needed; options: seed, symbols, rate (events a second), speed, quotes,"
                + " outOfOrder, late, duplicates, corrections, cancels (shares from 0 to 1), lateness (seconds),"
                + " sessions";
    }

    @Override
    public Feed open(ProviderOptions options, TimeSource time) {
        SimulatorConfig.Builder builder = SimulatorConfig.builder()
                .seed(options.wholeNumber("seed", 1))
                .symbols((int) Math.min(Integer.MAX_VALUE, options.wholeNumber("symbols", SYMBOLS)))
                .eventsPerSecond(options.number("rate", EVENTS_PER_SECOND))
                .speed(options.speed(1))
                .quoteShare(options.number("quotes", QUOTE_SHARE))
                .outOfOrderShare(options.number("outOfOrder", 0))
                .lateShare(options.number("late", 0))
                .latenessMax(options.seconds("lateness", LATENESS))
                .duplicateShare(options.number("duplicates", 0))
                .correctionShare(options.number("corrections", 0))
                .cancelShare(options.number("cancels", 0))
                .sessions(options.flag("sessions"));
        if (!options.argument().isEmpty()) {
            options.problem("feed was 'sim:" + options.argument() + "' but nothing may follow 'sim'");
        }
        SimulatorConfig config = null;
        try {
            config = builder.build();
        } catch (ConfigurationException e) {
            e.problems().forEach(options::problem);
        }
        options.check();
        return new SimulatedFeed(Objects.requireNonNull(config), time);
    }
}
