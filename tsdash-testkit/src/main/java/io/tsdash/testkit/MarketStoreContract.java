package io.tsdash.testkit;

import io.tsdash.store.MarketStore;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The rules of {@link MarketStore} as tests: extend it and say how a store is made, and how it is opened again.
 *
 * <p>The number in a test's name is that of its rule. A store that cannot do a thing skips nothing: it declares so, and
 * the test of the rule then checks that it says so. Random tests print their seed in their name. What became of each
 * rule is written to {@code target/store-rules}.
 */
@Timeout(120)
@ExtendWith(RuleReport.class)
public abstract class MarketStoreContract
        implements TradeRules, WrittenBarRules, OnDemandRules, LifecycleRules, PrecomputedRules, RetryRules, PoolRules {
    private @Nullable MarketStore store;

    /** For subclasses. */
    protected MarketStoreContract() {}

    /** Returns a new, empty store. */
    protected abstract MarketStore newStore();

    /** Returns a store with what this one keeps; only asked of durable stores, and of one that is still open only where symbols are shared. */
    protected abstract MarketStore reopened(MarketStore before);

    /** Returns the proxy between the store of {@link #newStore} and its server; empty for a store without a wire. */
    @Override
    public abstract Optional<FaultProxy> wire();

    @BeforeEach
    void open() {
        store = newStore();
    }

    @AfterEach
    void close() {
        if (store != null) {
            store.close();
        }
    }

    @Override
    public final MarketStore store() {
        if (store == null) {
            throw new IllegalStateException("the store of this test was not made");
        }
        return store;
    }

    @Override
    public final MarketStore reopen() {
        MarketStore open = store();
        open.close();
        store = reopened(open);
        return store();
    }

    @Override
    public final MarketStore another() {
        return reopened(store());
    }
}
