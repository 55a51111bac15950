package io.tsdash.distribution;

/** Learns what the hub makes of updates, and what it did not send as it came. Called on the hub's thread; must not block or throw. */
public interface HubListener {

    /** Updates that a session never gets because newer values of the same rows replaced them. */
    void conflated(String session, long updates);

    /** A frame was made; one that several sessions get counts once. Told of the first and of each sixteenth after it. */
    default void framed(int bytes) {}

    /** A session whose queue is full: it is skipped until the network has taken some. */
    void skipped(String session, long queuedBytes);

    /** A session that the hub ended. */
    void closed(String session, WireCode code, String text);

    /** An update that was not taken; says which and the rule. */
    void refused(String channel, String why);

    /** Returns a listener that does nothing. */
    static HubListener none() {
        return NoHubListener.INSTANCE;
    }
}
