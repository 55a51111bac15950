package io.tsdash.examples.orders;

import io.tsdash.error.InvalidInputException;
import io.tsdash.orders.OrderKey;
import io.tsdash.orders.OrderState;
import io.tsdash.orders.OrderStatus;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All orders as the entries have made them. Live and recovered accounts are the same because both are made here and
 * nowhere else. Volumes are summed as decimals: 0.1 and 0.2 fill 0.3. Single-threaded.
 */
final class Ledger {
    private final Map<OrderKey, Account> orders = new LinkedHashMap<>(); // by arrival
    private final Map<String, LinkedHashMap<OrderKey, Account>> byUser = new HashMap<>(); // by last change
    private final Map<String, Integer> open = new HashMap<>();

    /**
     * Takes what has happened.
     *
     * @return the order after it
     * @throws InvalidInputException if it cannot have happened: the order is not there, has ended, or is filled too far
     */
    OrderState apply(Entry entry) {
        Account account;
        if (entry instanceof Entry.Placed placed) {
            account = new Account(OrderState.accepted(placed.request(), placed.orderId(), placed.timeNanos()));
            if (orders.putIfAbsent(entry.key(), account) != null) {
                throw impossible(entry, "it was placed before");
            }
            open.merge(entry.key().user(), 1, Integer::sum);
        } else {
            account = orders.get(entry.key());
            if (account == null || !account.state.status().isOpen()) {
                throw impossible(entry, account == null ? "it was never placed" : "it had ended");
            }
            account.change(entry);
            if (!account.state.status().isOpen()) {
                open.merge(entry.key().user(), -1, Integer::sum);
            }
        }
        LinkedHashMap<OrderKey, Account> mine =
                byUser.computeIfAbsent(entry.key().user(), user -> new LinkedHashMap<>());
        mine.remove(entry.key());
        mine.put(entry.key(), account);
        return account.state;
    }

    Optional<OrderState> find(OrderKey key) {
        return Optional.ofNullable(orders.get(key)).map(account -> account.state);
    }

    /** Returns what is left to fill of an order that is there. */
    BigDecimal remaining(OrderKey key) {
        Account account = orders.get(key);
        return account == null ? BigDecimal.ZERO : account.remaining;
    }

    int size() {
        return orders.size();
    }

    int open(String user) {
        return open.getOrDefault(user, 0);
    }

    /** Returns all open orders, by arrival. */
    List<OrderState> open() {
        return orders.values().stream()
                .map(account -> account.state)
                .filter(state -> state.status().isOpen())
                .toList();
    }

    /** Returns a user's open orders and so many of the newest that ended, by last change. */
    List<OrderState> of(String user, int endedMax) {
        List<Account> mine =
                new ArrayList<>(byUser.getOrDefault(user, new LinkedHashMap<>()).values());
        List<OrderState> newestFirst = new ArrayList<>();
        int ended = 0;
        for (int i = mine.size() - 1; i >= 0; i--) {
            OrderState state = mine.get(i).state;
            if (state.status().isOpen() || ended++ < endedMax) {
                newestFirst.add(state);
            }
        }
        Collections.reverse(newestFirst);
        return newestFirst;
    }

    private static InvalidInputException impossible(Entry entry, String why) {
        return new InvalidInputException("entry was '" + entry + "' but its order does not allow it: " + why);
    }

    /** One order. */
    private static final class Account {
        private OrderState state;
        private BigDecimal remaining;
        private BigDecimal filled = BigDecimal.ZERO;
        private BigDecimal notional = BigDecimal.ZERO;

        Account(OrderState state) {
            this.state = state;
            this.remaining = BigDecimal.valueOf(state.request().volume());
        }

        void change(Entry entry) {
            if (entry instanceof Entry.Filled fill) {
                BigDecimal volume = fill.volume();
                if (volume.signum() <= 0 || volume.compareTo(remaining) > 0) {
                    throw impossible(entry, remaining + " was left to fill");
                }
                remaining = remaining.subtract(volume);
                filled = filled.add(volume);
                notional = notional.add(volume.multiply(BigDecimal.valueOf(fill.price())));
                OrderStatus status = remaining.signum() == 0 ? OrderStatus.FILLED : OrderStatus.PARTLY_FILLED;
                state = next(entry, status, fill.price(), volume.doubleValue());
            } else {
                state = next(entry, OrderStatus.CANCELLED, Double.NaN, Double.NaN);
            }
        }

        private OrderState next(Entry entry, OrderStatus status, double lastPrice, double lastVolume) {
            return new OrderState(
                    state.request(),
                    state.orderId(),
                    state.revision() + 1,
                    entry.timeNanos(),
                    status,
                    filled.doubleValue(),
                    filled.signum() == 0
                            ? Double.NaN
                            : notional.divide(filled, MathContext.DECIMAL64).doubleValue(),
                    lastPrice,
                    lastVolume,
                    "");
        }
    }
}
