package io.tsdash.distribution;

import java.util.List;

/**
 * A piece of news; a row of the channel {@code news}.
 *
 * @param timeNanos when it came out, nanoseconds since the epoch
 * @param title one line
 * @param text the rest; may be empty
 * @param symbols what it is about; may be empty
 */
public record NewsItem(long timeNanos, String title, String text, List<String> symbols) {

    /** Copies the symbols. */
    public NewsItem {
        symbols = List.copyOf(symbols);
    }
}
