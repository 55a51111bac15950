package io.tsdash.source;

/** Delivers nothing: for a node that serves what others publish on a bus between them. Thread-safe. */
public final class NoFeed implements Feed {
    private final FeedThread thread = new FeedThread("none");

    /** Creates it. */
    public NoFeed() {}

    @Override
    public String name() {
        return "none";
    }

    @Override
    public void start(FeedListener listener) {
        thread.start(listener, () -> {
            listener.onState(ConnectionState.LIVE, "serves what others publish");
            thread.awaitStop();
            return "closed";
        });
    }

    @Override
    public void close() {
        thread.stop();
    }
}
