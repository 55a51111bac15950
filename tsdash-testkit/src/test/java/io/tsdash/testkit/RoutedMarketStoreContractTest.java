package io.tsdash.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.store.ForwardingMarketStore;
import io.tsdash.store.MarketStore;
import io.tsdash.store.PoolUse;
import io.tsdash.store.StoreRoutes;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Several stores that are one by kind of data: trades in two, bars in a third. */
class RoutedMarketStoreContractTest extends MarketStoreContract {
    @Override
    protected MarketStore newStore() {
        return new StoreRoutes(List.of(MarketStore.inMemory(), MarketStore.inMemory()), List.of(MarketStore.inMemory()))
                .asOne();
    }

    @Override
    protected MarketStore reopened(MarketStore closed) {
        throw new AssertionError("stores in memory are not durable and say so");
    }

    @Override
    public Optional<FaultProxy> wire() {
        return Optional.empty();
    }

    @Test
    void tellsThePoolThatIsNearestToItsBound() {
        MarketStore trades = using(3, 64);
        MarketStore bars = using(1, 2);
        assertThat(new StoreRoutes(List.of(trades, MarketStore.inMemory()), List.of(bars))
                        .asOne()
                        .poolUse())
                .contains(new PoolUse(1, 2));
    }

    @Test
    void takesWhatItsStoresTakeTogetherIfAllTell() {
        MarketStore trades = taking(OptionalLong.of(700));
        MarketStore bars = taking(OptionalLong.of(20));
        assertThat(new StoreRoutes(List.of(trades), List.of(bars)).asOne().storedBytes())
                .hasValue(720);
        assertThat(new StoreRoutes(List.of(trades), List.of(trades)).asOne().storedBytes())
                .as("one that has both counts once")
                .hasValue(700);
        assertThat(new StoreRoutes(List.of(trades, taking(OptionalLong.empty())), List.of(bars))
                        .asOne()
                        .storedBytes())
                .isEmpty();
    }

    private static MarketStore taking(OptionalLong bytes) {
        return new ForwardingMarketStore(MarketStore.inMemory()) {
            @Override
            public OptionalLong storedBytes() {
                return bytes;
            }
        };
    }

    private static MarketStore using(int inUse, int max) {
        return new ForwardingMarketStore(MarketStore.inMemory()) {
            @Override
            public Optional<PoolUse> poolUse() {
                return Optional.of(new PoolUse(inUse, max));
            }
        };
    }
}
