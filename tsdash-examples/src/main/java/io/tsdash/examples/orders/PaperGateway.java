package io.tsdash.examples.orders;

import io.tsdash.error.PermanentException;
import io.tsdash.model.MarketEvent;
import io.tsdash.orders.OrderGateway;
import io.tsdash.orders.OrderKey;
import io.tsdash.orders.OrderListener;
import io.tsdash.orders.OrderReply;
import io.tsdash.orders.OrderReply.Reason;
import io.tsdash.orders.OrderRequest;
import io.tsdash.orders.OrderState;
import io.tsdash.orders.OrderStatus;
import io.tsdash.time.TimeSource;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Paper trading: orders fill against the market that is seen, and all that happens is in a journal before it is told.
 *
 * <p>Commands and the market change the ledger under a lock; the thread {@code tsdash-paper} writes what they did, many
 * entries an fsync, and then answers and tells. When the journal cannot be written, all commands are refused until the
 * process starts again: what is in memory may be ahead of what is safe. Thread-safe.
 */
final class PaperGateway implements OrderGateway {
    private static final Logger LOG = LoggerFactory.getLogger(PaperGateway.class);
    private static final int PENDING_MAX = 4_096;
    private static final int ORDERS_MAX = 100_000;
    private static final int ENDED_SHOWN_MAX = 500;
    private static final long CLOSE_MILLIS = 2_000;

    private final TimeSource time;
    private final Journal journal;
    private final Ledger ledger = new Ledger();
    private final Matcher matcher = new Matcher();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition room = lock.newCondition();
    private final Thread writer = new Thread(this::run, "tsdash-paper");
    private ArrayDeque<Pending> pending = new ArrayDeque<>();
    private OrderListener listener = state -> {};
    private boolean started;
    private boolean closing;
    private String failure = "";

    private PaperGateway(Path path, TimeSource time) {
        this.time = time;
        this.journal = Journal.open(path, ledger::apply);
        for (OrderState state : ledger.open()) {
            matcher.add(state.request(), ledger.remaining(state.key()), this::fill);
        }
        writer.setDaemon(true);
        writer.start();
    }

    /**
     * Opens an account.
     *
     * @param journal the file that it is kept in; begun when it is not there
     * @param time the clocks
     * @throws PermanentException if the journal cannot be used
     */
    static PaperGateway open(Path journal, TimeSource time) {
        return new PaperGateway(journal, time);
    }

    @Override
    public void start(OrderListener value) {
        lock.lock();
        try {
            if (started) {
                throw new IllegalStateException("a gateway starts once");
            }
            started = true;
            listener = value;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public CompletionStage<OrderReply> place(OrderRequest request) {
        return command(() -> {
            Optional<OrderState> known = ledger.find(request.key());
            if (known.isPresent()) {
                return known.get().request().equals(request)
                        ? acknowledged(known.get(), OrderStatus.ACCEPTED)
                        : refused(
                                Reason.OTHER_ORDER,
                                "clientOrderId was '" + request.clientOrderId()
                                        + "' but another order of yours has it: "
                                        + shown(known.get().request()));
            }
            if (!matcher.knows(request.symbol())) {
                return refused(
                        Reason.UNKNOWN_SYMBOL,
                        "symbol was '" + request.symbol() + "' but it must be one that the market has shown");
            }
            if (ledger.open(request.user()) >= OPEN_ORDERS_MAX) {
                return refused(
                        Reason.TOO_MANY,
                        "open orders would be more than the " + OPEN_ORDERS_MAX + " that a user may have");
            }
            if (ledger.size() >= ORDERS_MAX) {
                return refused(
                        Reason.TOO_MANY, "the journal has " + ORDERS_MAX + " orders, all it may have: begin another");
            }
            String orderId = "p-" + (ledger.size() + 1);
            OrderState state = happened(new Entry.Placed(time.epochNanos(), orderId, request));
            matcher.add(request, ledger.remaining(request.key()), this::fill);
            return acknowledged(state, OrderStatus.ACCEPTED);
        });
    }

    @Override
    public CompletionStage<OrderReply> cancel(OrderKey key) {
        return command(() -> {
            Optional<OrderState> known = ledger.find(key);
            if (known.isEmpty()) {
                return refused(
                        Reason.UNKNOWN_ORDER,
                        "clientOrderId was '" + key.clientOrderId() + "' but you have no order of that name");
            }
            OrderState state = known.get();
            if (state.status().isOpen()) {
                matcher.remove(state.request());
                state = happened(new Entry.Cancelled(time.epochNanos(), key));
            }
            return state.status() == OrderStatus.CANCELLED
                    ? acknowledged(state, OrderStatus.CANCELLED)
                    : refused(
                            Reason.ENDED,
                            "clientOrderId was '" + key.clientOrderId() + "' but that order is " + state.status());
        });
    }

    @Override
    public CompletionStage<List<OrderState>> orders(String user) {
        CompletableFuture<List<OrderState>> answer = new CompletableFuture<>();
        lock.lock();
        try {
            if (closing || !failure.isEmpty()) {
                answer.completeExceptionally(new PermanentException(unavailable()));
            } else {
                List<OrderState> mine = ledger.of(user, ENDED_SHOWN_MAX);
                // After what is on its way to the disk: what is told must be safe.
                enqueue(new Pending(
                        NOTHING,
                        () -> answer.complete(mine),
                        why -> answer.completeExceptionally(new PermanentException(why))));
            }
        } finally {
            lock.unlock();
        }
        return answer;
    }

    @Override
    public void onMarket(List<? extends MarketEvent> events) {
        lock.lock();
        try {
            for (MarketEvent event : events) {
                while (pending.size() >= PENDING_MAX && !closing) {
                    room.await();
                }
                if (closing || !failure.isEmpty()) {
                    return;
                }
                matcher.take(event, this::fill);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            work.signalAll();
            room.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            writer.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (writer.isAlive()) {
            LOG.error("the journal was not written within {} ms; what is not acknowledged may be lost", CLOSE_MILLIS);
        }
    }

    private CompletionStage<OrderReply> command(Supplier<OrderReply> doing) {
        CompletableFuture<OrderReply> answer = new CompletableFuture<>();
        lock.lock();
        try {
            if (closing || !failure.isEmpty() || pending.size() >= PENDING_MAX) {
                answer.complete(refused(Reason.UNAVAILABLE, unavailable()));
            } else {
                OrderReply reply = doing.get();
                // What was done earlier may still be on its way to the disk, so all answers go behind it.
                enqueue(new Pending(
                        NOTHING,
                        () -> answer.complete(reply),
                        why -> answer.complete(refused(Reason.UNAVAILABLE, why))));
            }
        } finally {
            lock.unlock();
        }
        return answer;
    }

    private String unavailable() {
        if (!failure.isEmpty()) {
            return failure;
        }
        return closing ? "the gateway is closed" : "the gateway has " + PENDING_MAX + " commands waiting: try again";
    }

    private BigDecimal fill(OrderKey key, double price, BigDecimal volume) {
        happened(new Entry.Filled(time.epochNanos(), key, price, volume));
        return ledger.remaining(key);
    }

    private OrderState happened(Entry entry) {
        OrderState state = ledger.apply(entry);
        enqueue(new Pending(Journal.line(entry), () -> listener.onChange(state), why -> {}));
        return state;
    }

    private void enqueue(Pending one) {
        pending.addLast(one);
        work.signal();
    }

    private void run() {
        ArrayDeque<Pending> batch = new ArrayDeque<>();
        while (take(batch)) {
            String problem = write(batch);
            for (Pending each : batch) {
                finish(each, problem);
            }
            batch.clear();
        }
        try {
            journal.close();
        } catch (IOException e) {
            LOG.error("the journal did not close", e);
        }
    }

    /** Waits for something to write; false at the end. */
    private boolean take(ArrayDeque<Pending> batch) {
        lock.lock();
        try {
            while (pending.isEmpty() && !closing) {
                work.awaitUninterruptibly();
            }
            batch.addAll(pending);
            pending = new ArrayDeque<>();
            room.signalAll();
            return !batch.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Returns why it could not; empty when all is safe. */
    private String write(ArrayDeque<Pending> batch) {
        lock.lock();
        try {
            if (!failure.isEmpty()) {
                return failure;
            }
        } finally {
            lock.unlock();
        }
        List<byte[]> lines = new ArrayList<>();
        batch.forEach(each -> {
            if (each.line.length > 0) {
                lines.add(each.line);
            }
        });
        if (lines.isEmpty()) {
            return "";
        }
        try {
            journal.append(lines);
            return "";
        } catch (IOException e) {
            LOG.error("the journal cannot be written; no more commands are taken", e);
            lock.lock();
            try {
                failure = "the journal cannot be written: " + e;
                return failure;
            } finally {
                lock.unlock();
            }
        }
    }

    private static void finish(Pending one, String problem) {
        try {
            if (problem.isEmpty()) {
                one.safe.run();
            } else {
                one.lost.accept(problem);
            }
        } catch (RuntimeException e) {
            LOG.error("a listener failed", e);
        }
    }

    private static OrderReply acknowledged(OrderState state, OrderStatus status) {
        return new OrderReply.Acknowledged(state.request().clientOrderId(), state.orderId(), status);
    }

    private static OrderReply refused(Reason reason, String message) {
        return new OrderReply.Refused(reason, message);
    }

    private static String shown(OrderRequest request) {
        return request.side() + " " + request.volume() + " " + request.symbol()
                + (Double.isNaN(request.price()) ? "" : " at " + request.price());
    }

    private static final byte[] NOTHING = {};

    /** What is to be written, and what is to be done when it is safe or when it is lost. */
    private static final class Pending {
        final byte[] line;
        final Runnable safe;
        final Consumer<String> lost;

        Pending(byte[] line, Runnable safe, Consumer<String> lost) {
            this.line = line;
            this.safe = safe;
            this.lost = lost;
        }
    }
}
