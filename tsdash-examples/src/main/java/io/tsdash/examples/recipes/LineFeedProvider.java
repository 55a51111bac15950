package io.tsdash.examples.recipes;

import io.tsdash.source.Feed;
import io.tsdash.spi.FeedProvider;
import io.tsdash.spi.ProviderOptions;
import io.tsdash.time.TimeSource;
import java.net.InetSocketAddress;

/**
 * Makes {@code --feed lines:HOST:PORT} work: named in {@code META-INF/services/io.tsdash.spi.FeedProvider}, it is found
 * wherever it is on the class path.
 */
public final class LineFeedProvider implements FeedProvider {
    private static final int PORT_MAX = 65_535;

    /** Called by the service loader. */
    public LineFeedProvider() {}

    @Override
    public String name() {
        return "lines";
    }

    @Override
    public String description() {
        return "lines:HOST:PORT reads trades from a TCP connection, a line 'SEQUENCE SYMBOL NANOS PRICE VOLUME' each";
    }

    @Override
    public Feed open(ProviderOptions options, TimeSource time) {
        String text = options.argument();
        int colon = text.lastIndexOf(':');
        int port = colon > 0 && text.substring(colon + 1).matches("\\d{1,5}")
                ? Integer.parseInt(text.substring(colon + 1))
                : 0;
        if (port < 1 || port > PORT_MAX) {
            options.problem("feed was 'lines:" + text + "' but it must be lines:HOST:PORT");
        }
        options.check();
        return new LineFeed(InetSocketAddress.createUnresolved(text.substring(0, colon), port), time);
    }
}
