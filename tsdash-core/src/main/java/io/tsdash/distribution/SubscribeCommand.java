package io.tsdash.distribution;

import java.util.List;
import java.util.Map;

/**
 * What a client asks for.
 *
 * @param id comes back with the answer
 * @param channels names, or prefixes that end in {@code *}; without any, the positions are kept for what follows
 * @param intervalMillis how often the session wants updates from now on, 0 to {@link #INTERVAL_MILLIS_MAX};
 *     {@link #KEEP_INTERVAL} changes nothing
 * @param resume by channel: where the client stands
 * @param streamPosition where the client stands in all channels at once, as a frame gave it; empty for none
 * @param watchlist whether the prices of the symbols of the user's watch-list are among the channels, or are to be; of these,
 *     also such as nobody knows yet
 * @param traceparent the span that asked for it, as W3C Trace Context has it; empty for none
 */
public record SubscribeCommand(
        long id,
        List<String> channels,
        int intervalMillis,
        Map<String, Position> resume,
        String streamPosition,
        boolean watchlist,
        String traceparent)
        implements ClientCommand {

    /** Leaves the session's interval as it is. */
    public static final int KEEP_INTERVAL = -1;

    /** The longest interval. */
    public static final int INTERVAL_MILLIS_MAX = 60_000;

    /** Copies the collections. */
    public SubscribeCommand {
        channels = List.copyOf(channels);
        resume = Map.copyOf(resume);
    }

    /** Makes a command without a watch-list, by a client that is not traced. */
    public SubscribeCommand(
            long id, List<String> channels, int intervalMillis, Map<String, Position> resume, String streamPosition) {
        this(id, channels, intervalMillis, resume, streamPosition, false, "");
    }

    /** Returns the same for other channels. */
    public SubscribeCommand to(List<String> others) {
        return new SubscribeCommand(id, others, intervalMillis, resume, streamPosition, watchlist, traceparent);
    }

    /** Returns the command that asks for channels from now on. */
    public static SubscribeCommand of(long id, List<String> channels) {
        return new SubscribeCommand(id, channels, KEEP_INTERVAL, Map.of(), "");
    }
}
