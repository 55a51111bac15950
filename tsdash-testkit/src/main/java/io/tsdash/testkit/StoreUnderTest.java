package io.tsdash.testkit;

import io.tsdash.store.MarketStore;
import java.util.Optional;

/** What the rules of stores need of the one they are held against. */
interface StoreUnderTest {

    /** Returns the open store of this test. */
    MarketStore store();

    /** Closes the store, opens what it kept, and returns that as the store of this test. */
    MarketStore reopen();

    /** Opens what the store keeps a second time, beside it; the caller closes that. Only asked of stores with shared symbols. */
    MarketStore another();

    /** Returns the proxy between store and server; empty for a store without a wire. */
    Optional<FaultProxy> wire();
}
