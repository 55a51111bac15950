package io.tsdash.testkit;

import io.tsdash.relay.RelayListener;

/** Hears nothing of a relay; to be extended by what a test listens to. */
public class QuietRelayListener implements RelayListener {
    /** Makes one. */
    public QuietRelayListener() {}

    @Override
    public void onLeading(long term) {}

    @Override
    public void onFollowing(String reason) {}

    @Override
    public void onNewEpoch(String reason) {}

    @Override
    public void onLoaded(String reason) {}

    @Override
    public void onFailed(RuntimeException cause) {}

    @Override
    public void onMissed(long events, String reason) {}
}
