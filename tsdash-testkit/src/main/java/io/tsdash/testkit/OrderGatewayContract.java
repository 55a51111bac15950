package io.tsdash.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.model.Side;
import io.tsdash.orders.OrderGateway;
import io.tsdash.orders.OrderKey;
import io.tsdash.orders.OrderReply;
import io.tsdash.orders.OrderReply.Acknowledged;
import io.tsdash.orders.OrderReply.Reason;
import io.tsdash.orders.OrderReply.Refused;
import io.tsdash.orders.OrderRequest;
import io.tsdash.orders.OrderState;
import io.tsdash.orders.OrderStatus;
import io.tsdash.orders.OrderType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The rules of {@link OrderGateway} as tests: extend it and say how a gateway is made, opened again, and led to fill.
 *
 * <p>The number in a test's name is that of its rule.
 */
@Timeout(60)
public abstract class OrderGatewayContract {
    /** A symbol that can be traded. */
    protected static final String SYMBOL = "AAPL";

    private static final long WAIT_SECONDS = 10;

    private final List<OrderState> told = new CopyOnWriteArrayList<>();
    private OrderGateway gateway;

    /** For subclasses. */
    protected OrderGatewayContract() {}

    /** Returns a new gateway without orders, not started, where {@link #SYMBOL} can be traded. */
    protected abstract OrderGateway newGateway();

    /** Returns a gateway, not started, with what that one had kept when its process was killed. */
    protected abstract OrderGateway reopened(OrderGateway killed);

    /** Lets the market trade that much of {@link #SYMBOL} at a price. */
    protected abstract void trade(OrderGateway gateway, double price, double volume);

    @BeforeEach
    void open() {
        gateway = newGateway();
        gateway.start(told::add);
    }

    @AfterEach
    void close() {
        gateway.close();
    }

    @Test
    @DisplayName("O1 an acknowledged order, its fills and its cancel are there after a kill")
    void keepsWhatWasAcknowledged() {
        accepted(limit("ann", "c-1", 10, 5));
        accepted(limit("ann", "c-2", 9, 5));
        accepted(limit("ann", "c-3", 8, 5));
        trade(gateway, 10, 2);
        await(gateway.cancel(new OrderKey("ann", "c-2")));
        List<OrderState> before = await(gateway.orders("ann"));
        gateway = reopened(gateway);
        gateway.start(told::add);
        assertThat(await(gateway.orders("ann"))).containsExactlyElementsOf(before);
        assertThat(before)
                .extracting(OrderState::status)
                .containsExactlyInAnyOrder(OrderStatus.PARTLY_FILLED, OrderStatus.CANCELLED, OrderStatus.ACCEPTED);
    }

    @Test
    @DisplayName("O1 an order that was open before a kill still fills")
    void fillsAfterAKill() {
        accepted(limit("ann", "c-1", 10, 5));
        trade(gateway, 10, 2);
        await(gateway.orders("ann"));
        gateway = reopened(gateway);
        gateway.start(told::add);
        trade(gateway, 10, 4);
        assertThat(await(gateway.orders("ann"))).singleElement().satisfies(state -> {
            assertThat(state.status()).isEqualTo(OrderStatus.FILLED);
            assertThat(state.revision()).isEqualTo(2);
            assertThat(state.filled()).isEqualTo(5);
        });
    }

    @Test
    @DisplayName("O2 the same order again gets the same acknowledgement and is not placed twice")
    void placesTheSameOrderOnce() {
        OrderRequest request = limit("ann", "c-1", 10, 5);
        Acknowledged first = accepted(request);
        trade(gateway, 10, 9);
        assertThat(accepted(request)).as("after it was filled").isEqualTo(first);
        gateway = reopened(gateway);
        gateway.start(told::add);
        assertThat(accepted(request)).as("after a kill").isEqualTo(first);
        assertThat(await(gateway.orders("ann"))).hasSize(1);
    }

    @Test
    @DisplayName("O3 another order under the same name is refused, and changes nothing")
    void refusesAnotherOrderOfTheSameName() {
        accepted(limit("ann", "c-1", 10, 5));
        assertThat(refused(gateway.place(limit("ann", "c-1", 10, 6))).reason()).isEqualTo(Reason.OTHER_ORDER);
        assertThat(await(gateway.orders("ann")).get(0).request().volume()).isEqualTo(5);
        accepted(limit("bob", "c-1", 10, 6));
    }

    @Test
    @DisplayName("O4 a cancel is acknowledged each time it is said; what has ended otherwise cannot be cancelled")
    void cancelsOnce() {
        accepted(limit("ann", "c-1", 10, 5));
        OrderReply first = await(gateway.cancel(new OrderKey("ann", "c-1")));
        assertThat(first).isInstanceOf(Acknowledged.class);
        assertThat(((Acknowledged) first).status()).isEqualTo(OrderStatus.CANCELLED);
        assertThat(await(gateway.cancel(new OrderKey("ann", "c-1")))).isEqualTo(first);
        accepted(limit("ann", "c-2", 10, 5));
        trade(gateway, 10, 5);
        assertThat(refused(gateway.cancel(new OrderKey("ann", "c-2"))).reason()).isEqualTo(Reason.ENDED);
        assertThat(refused(gateway.cancel(new OrderKey("ann", "c-3"))).reason()).isEqualTo(Reason.UNKNOWN_ORDER);
        assertThat(refused(gateway.cancel(new OrderKey("bob", "c-1"))).reason()).isEqualTo(Reason.UNKNOWN_ORDER);
    }

    @Test
    @DisplayName("O5 each change is told once, with revisions 0, 1, 2")
    void tellsEachChangeOnce() {
        for (int i = 0; i < 20; i++) {
            accepted(limit("ann", "c-" + i, 10, 3));
        }
        for (int i = 0; i < 30; i++) {
            trade(gateway, 10, 2);
        }
        Map<OrderKey, Long> revisions = new HashMap<>();
        List<OrderState> last = await(gateway.orders("ann"));
        for (OrderState state : told) {
            Long before = revisions.put(state.key(), state.revision());
            assertThat(state.revision()).isEqualTo(before == null ? 0 : before + 1);
        }
        assertThat(last).hasSize(20).allMatch(state -> state.status() == OrderStatus.FILLED);
        assertThat(told).containsAll(last);
    }

    @Test
    @DisplayName("O6 a user sees all own open orders and no order of another")
    void showsEachUserTheirOwn() {
        List<String> mine = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            mine.add("c-" + i);
            accepted(limit("ann", "c-" + i, 10, 3));
            accepted(limit("bob", "b-" + i, 10, 3));
        }
        assertThat(await(gateway.orders("ann")))
                .extracting(state -> state.key().clientOrderId())
                .containsExactlyElementsOf(mine);
        assertThat(await(gateway.orders("eve"))).isEmpty();
    }

    @Test
    @DisplayName("O7 an open order too many is refused; one that is there is acknowledged all the same")
    void boundsOpenOrders() {
        for (int i = 0; i < OrderGateway.OPEN_ORDERS_MAX; i++) {
            accepted(limit("ann", "c-" + i, 10, 3));
        }
        assertThat(refused(gateway.place(limit("ann", "more", 10, 3))).reason()).isEqualTo(Reason.TOO_MANY);
        accepted(limit("ann", "c-0", 10, 3));
        accepted(limit("bob", "c-0", 10, 3));
        await(gateway.cancel(new OrderKey("ann", "c-0")));
        accepted(limit("ann", "more", 10, 3));
    }

    @Test
    @DisplayName("O8 a closed gateway refuses commands; closing twice is no error")
    void refusesWhenClosed() {
        accepted(limit("ann", "c-1", 10, 5));
        gateway.close();
        gateway.close();
        assertThat(refused(gateway.place(limit("ann", "c-2", 10, 5))).reason()).isEqualTo(Reason.UNAVAILABLE);
        assertThat(refused(gateway.cancel(new OrderKey("ann", "c-1"))).reason()).isEqualTo(Reason.UNAVAILABLE);
    }

    /** Returns an order to buy {@link #SYMBOL}. */
    protected static OrderRequest limit(String user, String clientOrderId, double price, double volume) {
        return new OrderRequest(user, clientOrderId, SYMBOL, Side.BUY, OrderType.LIMIT, price, volume);
    }

    private Acknowledged accepted(OrderRequest request) {
        OrderReply reply = await(gateway.place(request));
        assertThat(reply).isInstanceOf(Acknowledged.class);
        Acknowledged acknowledged = (Acknowledged) reply;
        assertThat(acknowledged.status()).isEqualTo(OrderStatus.ACCEPTED);
        assertThat(acknowledged.clientOrderId()).isEqualTo(request.clientOrderId());
        return acknowledged;
    }

    private static Refused refused(CompletionStage<OrderReply> stage) {
        OrderReply reply = await(stage);
        assertThat(reply).isInstanceOf(Refused.class);
        return (Refused) reply;
    }

    private static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }
}
