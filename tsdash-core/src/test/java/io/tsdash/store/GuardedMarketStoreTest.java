package io.tsdash.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.TransientException;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.resilience.BackOff;
import io.tsdash.resilience.Bulkhead;
import io.tsdash.resilience.CallRefusedException;
import io.tsdash.resilience.CircuitBreaker;
import io.tsdash.resilience.GuardListener;
import io.tsdash.resilience.Retry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class GuardedMarketStoreTest {
    private final MarketStore kept = MarketStore.inMemory();
    private final Bulkhead bulkhead = new Bulkhead("store", 1, 0, Duration.ZERO, GuardListener.none());
    private final Retry retry = Retry.builder("store")
            .attempts(2)
            .backOff(new BackOff(Duration.ofNanos(1), Duration.ofNanos(1)))
            .retriesOn(cause -> cause instanceof TransientException && !(cause instanceof CallRefusedException))
            .build();
    private final CircuitBreaker breaker =
            CircuitBreaker.builder("store").consecutiveFailures(3).build();
    private final List<Trade> handed = new ArrayList<>();
    private int tries;

    GuardedMarketStoreTest() {
        kept.appendTrades(List.of(trade(1), trade(2)));
    }

    @Test
    void tradesAreAskedForAgainWhileNoneWasHandedOut() {
        assertThat(failing(0, 1).trades(all(), handed::add)).isEqualTo(2);
        assertThat(handed).extracting(Trade::sequence).containsExactly(1L, 2L);
        assertThat(tries).isEqualTo(2);
    }

    @Test
    void noTradeIsHandedOutTwice() {
        MarketStore store = failing(1, 1);
        assertThatThrownBy(() -> store.trades(all(), handed::add)).hasMessage("away");
        assertThat(handed).extracting(Trade::sequence).containsExactly(1L);
        assertThat(tries).isEqualTo(1);
    }

    @Test
    void theBreakerCountsEachTryAndWhatItRefusesIsNotTriedAgain() {
        MarketStore store = failing(0, 9);
        assertThatThrownBy(() -> store.trades(all(), handed::add)).hasMessage("away");
        assertThatThrownBy(() -> store.trades(all(), handed::add)).isInstanceOf(CallRefusedException.class);
        assertThat(tries).as("two, and the third opened it").isEqualTo(3);
        assertThatThrownBy(store::symbols).isInstanceOf(CallRefusedException.class);
    }

    @Test
    void aQuestionWithoutAPlaceIsRefusedAndSaysNothingOfTheStore() {
        MarketStore store = failing(0, 0);
        store.trades(all(), trade -> {
            for (int i = 0; i < 5; i++) {
                assertThatThrownBy(store::tradeCount)
                        .isInstanceOf(CallRefusedException.class)
                        .hasMessage("bulkhead 'store' is full: 1 of 1 calls are under way, 0 of 0 wait");
            }
        });
        assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.CLOSED);
        assertThat(store.tradeCount()).isEqualTo(2);
    }

    /** Returns a store that fails so many times after so many trades. */
    private MarketStore failing(int after, int times) {
        MarketStore store = new ForwardingMarketStore(kept) {
            @Override
            public long trades(TradeRange range, Consumer<? super Trade> consumer) {
                if (++tries > times) {
                    return super.trades(range, consumer);
                }
                super.trades(TradeRange.of("AAPL", 0, Long.MAX_VALUE, 1), trade -> {
                    if (after > 0) {
                        consumer.accept(trade);
                    }
                });
                throw new TransientException("away");
            }
        };
        return new GuardedMarketStore(store, bulkhead, retry, breaker);
    }

    private static TradeRange all() {
        return TradeRange.of("AAPL", 0, Long.MAX_VALUE, 10);
    }

    private static Trade trade(long id) {
        return new Trade("AAPL", id, id, id, 10, 1, Side.UNKNOWN, true, true, 0);
    }
}
