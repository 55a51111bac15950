package io.tsdash.relay;

/** Does nothing. */
enum NoRelayListener implements RelayListener {
    INSTANCE;

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
