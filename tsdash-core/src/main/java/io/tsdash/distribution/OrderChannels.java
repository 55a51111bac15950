package io.tsdash.distribution;

import io.tsdash.delta.Field;
import io.tsdash.delta.FieldKind;
import io.tsdash.delta.RecordBuffer;
import io.tsdash.delta.RecordSchema;
import io.tsdash.error.PermanentException;
import io.tsdash.orders.OrderGateway;
import io.tsdash.orders.OrderKey;
import io.tsdash.orders.OrderState;
import io.tsdash.orders.OrderType;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the private channel {@code orders} of each user in a hub, as {@code docs/protocol.md} section 7 describes it.
 *
 * <p>All open orders are always among the rows that the channel keeps: before the newest row of an open order would be
 * overwritten, it is appended once more, with the same revision. So a snapshot holds them all, and a client that comes
 * back after any time has them. Thread-safe.
 */
public final class OrderChannels {
    /** The name that each user has for the own channel. */
    public static final String NAME = "orders";

    private static final Logger LOG = LoggerFactory.getLogger(OrderChannels.class);
    /** Open orders take a part of it, so that each is repeated seldom. */
    private static final int ROWS_KEPT = 1_024;

    private static final RecordSchema ORDER = RecordSchema.of(
            Field.text("clientOrderId"),
            Field.text("orderId"),
            Field.of("revision", FieldKind.LONG),
            Field.of("time", FieldKind.TIME),
            Field.text("symbol"),
            Field.text("side", "BUY", "SELL"),
            Field.text("type", "MARKET", "LIMIT"),
            number("price"),
            number("volume"),
            Field.text("status", "ACCEPTED", "PARTLY_FILLED", "FILLED", "CANCELLED", "REJECTED"),
            number("filled"),
            number("averagePrice"),
            number("lastPrice"),
            number("lastVolume"),
            Field.text("reason"));

    private final Hub hub;
    private final OrderGateway gateway;
    private final Map<String, Book> books = new HashMap<>(); // by the hub's thread only

    private OrderChannels(Hub hub, OrderGateway gateway) {
        this.hub = hub;
        this.gateway = gateway;
    }

    /** Starts a gateway and shows what becomes of its orders in a hub. */
    public static OrderChannels start(Hub hub, OrderGateway gateway) {
        OrderChannels channels = new OrderChannels(hub, gateway);
        gateway.start(channels::changed);
        return channels;
    }

    /**
     * Makes a user's channel, with what the gateway knows of the user's orders.
     *
     * @return complete when it is there; fails when the gateway cannot answer
     */
    public CompletionStage<Void> open(String user) {
        return hub.ask(channels -> books.containsKey(user) && book(channels, user).loaded)
                .thenCompose(loaded -> loaded ? CompletableFuture.completedFuture(null) : load(user));
    }

    /** Changes told meanwhile may come before what is loaded; revisions tell which is newer. */
    private CompletionStage<Void> load(String user) {
        return gateway.orders(user)
                .thenCompose(states -> hub.ask(channels -> {
                            Book book = book(channels, user);
                            if (!book.loaded) {
                                states.forEach(book::take);
                                book.loaded = true;
                            }
                            return book;
                        })
                        .thenAccept(book -> {}));
    }

    private void changed(OrderState state) {
        try {
            hub.submit(channels -> book(channels, state.key().user()).take(state));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (PermanentException e) {
            LOG.debug("{} changed after the hub was closed; the gateway knows it at the next start", state.key());
        }
    }

    private Book book(Channels channels, String user) {
        Book book = books.get(user);
        if (book == null) {
            book = new Book(channels.privateLog(user, NAME, ORDER, ROWS_KEPT)
                    .orElseThrow(() -> new PermanentException("the hub has as many channels as it may have")));
            books.put(user, book);
        }
        return book;
    }

    private static Field number(String name) {
        return Field.of(name, FieldKind.DOUBLE);
    }

    /** One user's orders; owned by the hub's thread. */
    private static final class Book {
        private final LogChannel channel;
        /** What was appended last of each order, oldest first; with the channel's sequence after it. */
        private final LinkedHashMap<OrderKey, Shown> open = new LinkedHashMap<>();
        /** Revisions of orders that ended and are still among the rows that are kept. */
        private final LinkedHashMap<OrderKey, Long> ended = new LinkedHashMap<>();

        private boolean loaded;

        Book(LogChannel channel) {
            this.channel = channel;
        }

        void take(OrderState state) {
            Shown before = open.get(state.key());
            long known = before == null ? ended.getOrDefault(state.key(), -1L) : before.state.revision();
            if (state.revision() <= known) {
                return;
            }
            open.remove(state.key());
            keepOpenOrders();
            append(state);
            if (!state.status().isOpen()) {
                ended.put(state.key(), state.revision());
                if (ended.size() > ROWS_KEPT) {
                    ended.remove(ended.keySet().iterator().next());
                }
            }
        }

        /** Appends the rows of open orders again that the next row would overwrite. */
        private void keepOpenOrders() {
            while (!open.isEmpty()) {
                Shown oldest = open.values().iterator().next();
                if (oldest.sequence > channel.sequence() - ROWS_KEPT + 1) {
                    return;
                }
                open.remove(oldest.state.key());
                append(oldest.state);
            }
        }

        private void append(OrderState state) {
            fill(channel.next(), state);
            channel.append();
            if (state.status().isOpen()) {
                open.put(state.key(), new Shown(state, channel.sequence()));
            }
        }

        private static void fill(RecordBuffer row, OrderState state) {
            row.setText(0, state.request().clientOrderId());
            row.setText(1, state.orderId());
            row.setLong(2, state.revision());
            row.setLong(3, state.timeNanos());
            row.setText(4, state.request().symbol());
            row.setText(5, state.request().side().name());
            row.setText(6, state.request().type().name());
            row.setDouble(
                    7,
                    state.request().type() == OrderType.MARKET
                            ? Double.NaN
                            : state.request().price());
            row.setDouble(8, state.request().volume());
            row.setText(9, state.status().name());
            row.setDouble(10, state.filled());
            row.setDouble(11, state.averagePrice());
            row.setDouble(12, state.lastPrice());
            row.setDouble(13, state.lastVolume());
            if (!state.reason().isEmpty()) {
                row.setText(14, state.reason());
            }
        }
    }

    private record Shown(OrderState state, long sequence) {}
}
