package io.tsdash.store;

/** A store under a name of its own, where there are two of one engine: what is told of one is then not taken for the other's. */
public final class NamedMarketStore extends ForwardingMarketStore {
    private final StoreCapabilities capabilities;

    /**
     * Names a store.
     *
     * @param store gets the calls
     * @param name stands in logs, traces, metrics and the state of parts, instead of the engine's
     */
    public NamedMarketStore(MarketStore store, String name) {
        super(store);
        capabilities = store.capabilities().withName(name);
    }

    @Override
    public StoreCapabilities capabilities() {
        return capabilities;
    }
}
