package io.tsdash.distribution;

import java.util.List;

/**
 * Who listens to what, at one moment; for operators.
 *
 * @param channelCount how many channels there are, private ones of users among them
 * @param sessionCount how many sessions there are
 * @param channels those that are everyone's with the most subscribers, most first
 * @param sessions those that are furthest behind, slowest first
 */
public record HubReport(int channelCount, int sessionCount, List<OfChannel> channels, List<OfSession> sessions) {
    /**
     * A channel.
     *
     * @param name its name
     * @param log whether it keeps each row, rather than the newest of each key
     * @param sequence the number of its newest change
     * @param subscribers how many sessions get it
     */
    public record OfChannel(String name, boolean log, long sequence, int subscribers) {}

    /**
     * A session.
     *
     * @param session its name
     * @param user whose it is; empty while that is not known
     * @param channels how many channels it gets
     * @param intervalMillis how often it gets changes, in milliseconds; 0 for each at once
     * @param queuedBytes what waits for its network
     * @param fullMillis how long its queue has been full, in milliseconds; 0 when it is not
     * @param conflated updates that it never got since newer values of the same rows took their place
     */
    public record OfSession(
            String session,
            String user,
            int channels,
            long intervalMillis,
            long queuedBytes,
            long fullMillis,
            long conflated) {}
}
