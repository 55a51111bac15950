package io.tsdash.distribution;

/** Hears nothing. */
enum NoHubListener implements HubListener {
    INSTANCE;

    @Override
    public void conflated(String session, long updates) {}

    @Override
    public void skipped(String session, long queuedBytes) {}

    @Override
    public void closed(String session, WireCode code, String text) {}

    @Override
    public void refused(String channel, String why) {}
}
