package io.tsdash.spi;

import io.tsdash.source.Feed;
import io.tsdash.source.NoFeed;
import io.tsdash.time.TimeSource;

/** No feed, under the name {@code none}. */
public final class NoFeedProvider implements FeedProvider {

    /** Called by the service loader. */
    public NoFeedProvider() {}

    @Override
    public String name() {
        return "none";
    }

    @Override
    public String description() {
        return "no feed of its own: serves what others publish on the bus";
    }

    @Override
    public Feed open(ProviderOptions options, TimeSource time) {
        options.check();
        return new NoFeed();
    }
}
