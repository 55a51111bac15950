package io.tsdash.relay;

/** Hears of what a relay does besides carrying. Called from its threads; must not block. */
public interface RelayListener {

    /** This server leads from now on. */
    void onLeading(long term);

    /** This server does not lead any more. */
    void onFollowing(String reason);

    /** A new life of the numbering has begun: clients get all anew, and are told that they may have missed something. */
    void onNewEpoch(String reason);

    /** The copies were loaded as a whole, since they could not be brought up to date from the log. */
    void onLoaded(String reason);

    /** The log is away, or does not do what it must; told each time that it is tried in vain. */
    void onFailed(RuntimeException cause);

    /** Events of the feed may be in no channel and no store: they came when nobody led, before the first that is kept. */
    void onMissed(long events, String reason);

    /** Returns a listener that does nothing. */
    static RelayListener none() {
        return NoRelayListener.INSTANCE;
    }
}
