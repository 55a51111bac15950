package io.tsdash.distribution;

/** The channel {@code node}: how the server itself stands that a client is connected to. Thread-safe. */
public final class NodeChannel {
    private static final int PARTS_MAX = 64;

    private final Hub hub;

    /** @param hub of copies, which numbers this channel itself */
    public NodeChannel(Hub hub) {
        this.hub = hub;
    }

    /** Shows the status of a part; waits while the hub is full. */
    public void show(PartStatus status) throws InterruptedException {
        hub.submit(channels -> channels.state("node", MarketSchemas.STATUS, 0, PARTS_MAX)
                .ifPresent(channel -> channel.row(status.name()).ifPresent(row -> {
                    MarketSchemas.fill(row, status);
                    channel.commit(status.name());
                })));
    }
}
