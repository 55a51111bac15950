package io.tsdash.examples.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.InvalidInputException;
import io.tsdash.error.PermanentException;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Quote;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.orders.OrderKey;
import io.tsdash.orders.OrderReply;
import io.tsdash.orders.OrderRequest;
import io.tsdash.orders.OrderState;
import io.tsdash.orders.OrderStatus;
import io.tsdash.orders.OrderType;
import io.tsdash.spi.OrderGateways;
import io.tsdash.testkit.ManualTimeSource;
import io.tsdash.time.TimeSource;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PaperAccountTest {
    private final ManualTimeSource time = new ManualTimeSource(1_000_000_000_000L);

    @TempDir
    private Path folder;

    @Test
    void buyFillsAtTheAskUpToItsSizeAndThenWaits() {
        try (PaperGateway gateway = gateway(quote(9, 10, 5, 3))) {
            place(gateway, order("c-1", Side.BUY, 11, 5));
            assertThat(only(gateway)).satisfies(state -> {
                assertThat(state.status()).isEqualTo(OrderStatus.PARTLY_FILLED);
                assertThat(state.filled()).isEqualTo(3);
                assertThat(state.averagePrice()).isEqualTo(10);
            });
            gateway.onMarket(List.of(quote(9, 12, 5, 3)));
            assertThat(only(gateway).filled()).as("the ask is above the limit").isEqualTo(3);
            gateway.onMarket(List.of(quote(9, 11, 5, 3)));
            assertThat(only(gateway).status()).isEqualTo(OrderStatus.FILLED);
            assertThat(only(gateway).averagePrice()).isEqualTo(10.4);
        }
    }

    @Test
    void decimalFillsAddUpToTheWholeOrder() {
        try (PaperGateway gateway = gateway(trade(20, 1, Side.SELL))) {
            place(gateway, order("c-1", Side.BUY, 10, 0.3));
            gateway.onMarket(List.of(trade(10, 0.1, Side.SELL), trade(10, 0.1, Side.SELL), trade(10, 0.1, Side.SELL)));
            assertThat(only(gateway).status()).isEqualTo(OrderStatus.FILLED);
            assertThat(only(gateway).filled()).isEqualTo(0.3);
        }
    }

    @Test
    void tradeMeetsOnlyTheSideThatItsAggressorMet() {
        try (PaperGateway gateway = gateway(trade(20, 1, Side.SELL))) {
            place(gateway, order("c-1", Side.BUY, 10, 1));
            gateway.onMarket(List.of(trade(10, 1, Side.BUY)));
            assertThat(only(gateway).status()).isEqualTo(OrderStatus.ACCEPTED);
        }
    }

    @Test
    void marketOrderIsServedBeforeLimitsAndTheOlderOrderBeforeTheYounger() {
        try (PaperGateway gateway = gateway(trade(20, 1, Side.SELL))) {
            place(gateway, order("young-limit", Side.BUY, 10, 1));
            place(gateway, order("best-limit", Side.BUY, 11, 1));
            place(gateway, new OrderRequest("ann", "market", "A", Side.BUY, OrderType.MARKET, Double.NaN, 1));
            place(gateway, order("last", Side.BUY, 10, 1));
            gateway.onMarket(List.of(trade(10, 3, Side.SELL)));
            assertThat(orders(gateway))
                    .filteredOn(state -> state.status() == OrderStatus.FILLED)
                    .extracting(state -> state.key().clientOrderId())
                    .containsExactly("market", "best-limit", "young-limit");
        }
    }

    @Test
    void symbolThatTheMarketHasNotShownIsRefused() {
        try (PaperGateway gateway = PaperGateway.open(folder.resolve("j"), time)) {
            OrderReply reply = gateway.place(order("c-1", Side.BUY, 1, 1))
                    .toCompletableFuture()
                    .orTimeout(10, TimeUnit.SECONDS)
                    .join();
            assertThat(reply)
                    .isInstanceOfSatisfying(
                            OrderReply.Refused.class,
                            refused -> assertThat(refused.reason()).isEqualTo(OrderReply.Reason.UNKNOWN_SYMBOL));
        }
    }

    @Test
    void lineThatWasCutOffIsCutAwayAndTheRestHolds() throws IOException {
        Path journal = folder.resolve("j");
        try (PaperGateway gateway = gateway(trade(20, 1, Side.SELL))) {
            place(gateway, order("c-1", Side.BUY, 10, 1));
        }
        byte[] whole = Files.readAllBytes(journal);
        Files.writeString(journal, "{\"time\":\"12\",\"user\":\"ann\",\"cli", StandardOpenOption.APPEND);
        try (PaperGateway gateway = gateway(trade(20, 1, Side.SELL))) {
            assertThat(only(gateway).status()).isEqualTo(OrderStatus.ACCEPTED);
        }
        assertThat(Files.readAllBytes(journal)).isEqualTo(whole);
    }

    @Test
    void lineThatCannotBeReadIsNamed() throws IOException {
        Path journal = folder.resolve("j");
        try (PaperGateway gateway = gateway(trade(20, 1, Side.SELL))) {
            place(gateway, order("c-1", Side.BUY, 10, 1));
        }
        Files.writeString(
                journal,
                "{\"time\":\"12\",\"user\":\"ann\",\"clientOrderId\":\"c-9\",\"event\":\"cancelled\"}\n{}\n",
                StandardOpenOption.APPEND);
        assertThatThrownBy(() -> PaperGateway.open(journal, time))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("line 3")
                .hasMessageContaining("never placed");
    }

    @Test
    void journalOfAnotherProgramIsRefused() throws IOException {
        Path journal = Files.writeString(folder.resolve("j"), "some notes\nof mine\n");
        assertThatThrownBy(() -> PaperGateway.open(journal, time)).hasMessageContaining("line 1");
        assertThat(journal).hasContent("some notes\nof mine\n");
    }

    @Test
    void journalInUseIsRefused() {
        try (PaperGateway gateway = gateway(trade(20, 1, Side.SELL))) {
            place(gateway, order("c-1", Side.BUY, 10, 1));
            assertThatThrownBy(() -> PaperGateway.open(folder.resolve("j"), time))
                    .hasMessageContaining("in use");
        }
    }

    @Test
    void gatewayIsFoundByItsName() {
        OrderGateways.open("paper:" + folder.resolve("found"), TimeSource.system())
                .close();
        assertThatThrownBy(() -> OrderGateways.open("nyse", TimeSource.system()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("Available: paper");
        assertThatThrownBy(() -> OrderGateways.open("paper", TimeSource.system()))
                .hasMessageContaining("paper:FILE");
    }

    /** Any orders, cancels, kills and market: each fill is one that the market gave, and a restart changes nothing. */
    @Property(tries = 150, shrinking = ShrinkingMode.OFF)
    void fillsAreWhatTheMarketGaveAndARestartChangesNothing(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        Path home = Files.createTempDirectory("paper");
        int life = 0;
        List<OrderState> told = new CopyOnWriteArrayList<>();
        PaperGateway gateway = PaperGateway.open(home.resolve("0"), time);
        gateway.start(told::add);
        gateway.onMarket(List.of(Trade.cancel("A", 1, 1, 1)));
        int names = 0;
        for (int step = 0; step < 60; step++) {
            double price = (90 + random.nextInt(20)) / 10.0;
            double volume = (1 + random.nextInt(30)) / 10.0;
            Side side = random.nextBoolean() ? Side.BUY : Side.SELL;
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> {
                    String name = "c-" + names++;
                    place(
                            gateway,
                            random.nextInt(6) == 0
                                    ? new OrderRequest("ann", name, "A", side, OrderType.MARKET, Double.NaN, volume)
                                    : order(name, side, price, volume));
                }
                case 3 -> cancel(gateway, "c-" + random.nextInt(names + 1));
                case 4, 5 -> {
                    orders(gateway);
                    int from = told.size();
                    gateway.onMarket(List.of(trade(price, volume, side)));
                    orders(gateway);
                    checkFills(
                            told.subList(from, told.size()), price, volume, side == Side.SELL ? Side.BUY : Side.SELL);
                }
                case 6 -> gateway.onMarket(List.of(quote(price, price + 0.2, volume, volume)));
                default -> {
                    List<OrderState> before = orders(gateway);
                    Files.copy(home.resolve("" + life), home.resolve("" + (life + 1)));
                    gateway.close();
                    life++;
                    gateway = PaperGateway.open(home.resolve("" + life), time);
                    gateway.start(told::add);
                    gateway.onMarket(List.of(Trade.cancel("A", 1, 1, 1)));
                    assertThat(orders(gateway)).isEqualTo(before);
                }
            }
        }
        checkTold(told, orders(gateway));
        gateway.close();
    }

    private static void checkFills(List<OrderState> fills, double price, double volume, Side side) {
        BigDecimal given = BigDecimal.ZERO;
        for (OrderState fill : fills) {
            given = given.add(BigDecimal.valueOf(fill.lastVolume()));
            assertThat(fill.request().side()).isEqualTo(side);
            assertThat(fill.lastPrice()).isEqualTo(price);
            if (fill.request().type() == OrderType.LIMIT) {
                double better = side == Side.BUY
                        ? fill.request().price() - price
                        : price - fill.request().price();
                assertThat(better).as("not worse than the limit").isGreaterThanOrEqualTo(0);
            }
        }
        assertThat(given).as("no more than was traded").isLessThanOrEqualTo(BigDecimal.valueOf(volume));
    }

    private static void checkTold(List<OrderState> told, List<OrderState> last) {
        Map<OrderKey, BigDecimal> sums = new HashMap<>();
        Map<OrderKey, OrderState> newest = new HashMap<>();
        for (OrderState state : told) {
            OrderState before = newest.put(state.key(), state);
            assertThat(state.revision()).isEqualTo(before == null ? 0 : before.revision() + 1);
            if (!Double.isNaN(state.lastVolume())) {
                sums.merge(state.key(), BigDecimal.valueOf(state.lastVolume()), BigDecimal::add);
            }
            BigDecimal filled = sums.getOrDefault(state.key(), BigDecimal.ZERO);
            assertThat(state.filled()).isEqualTo(filled.doubleValue());
            assertThat(filled)
                    .isLessThanOrEqualTo(BigDecimal.valueOf(state.request().volume()));
            assertThat(state.status() == OrderStatus.FILLED)
                    .isEqualTo(
                            filled.compareTo(BigDecimal.valueOf(state.request().volume())) == 0);
        }
        assertThat(newest.values()).containsExactlyInAnyOrderElementsOf(last);
    }

    private PaperGateway gateway(MarketEvent first) {
        PaperGateway gateway = PaperGateway.open(folder.resolve("j"), time);
        gateway.onMarket(List.of(first));
        return gateway;
    }

    private static Quote quote(double bid, double ask, double bidSize, double askSize) {
        return new Quote("A", 1, 1, 1, bid, ask, bidSize, askSize);
    }

    private static Trade trade(double price, double volume, Side side) {
        return new Trade("A", 1, 1, 1, price, volume, side, true, true, 0);
    }

    private static OrderRequest order(String name, Side side, double price, double volume) {
        return new OrderRequest("ann", name, "A", side, OrderType.LIMIT, price, volume);
    }

    private static void place(PaperGateway gateway, OrderRequest request) {
        OrderReply reply = gateway.place(request)
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
        assertThat(reply).isInstanceOf(OrderReply.Acknowledged.class);
    }

    private static void cancel(PaperGateway gateway, String name) {
        gateway.cancel(new OrderKey("ann", name))
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    private static List<OrderState> orders(PaperGateway gateway) {
        return new ArrayList<>(gateway.orders("ann")
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join());
    }

    private static OrderState only(PaperGateway gateway) {
        List<OrderState> all = orders(gateway);
        assertThat(all).hasSize(1);
        return all.get(0);
    }
}
