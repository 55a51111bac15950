package io.tsdash.bus;

import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.model.MarketEvent;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.TradeTraces;
import java.time.Duration;
import java.util.List;

/**
 * Carries events from publishers to consumers, in partitions by symbol.
 *
 * <p>Bounded: each consumer says what happens when it is full. Any thread may publish; each consumer has threads of its
 * own. The rules have numbers, and the contract kit in {@code tsdash-testkit} has a test of each:
 *
 * <ol>
 *   <li>B1 Every consumer gets every event that is published after it subscribed.
 *   <li>B2 All events of a symbol are in one partition, and come in the order in which they were published.
 *   <li>B3 A batch whose handler throws {@link TransientException} comes again, and nothing after it comes before.
 *   <li>B4 A batch whose handler fails for good is skipped, and that is told; or the consumer stops, that is told, and
 *       publishing is refused, as the consumer declared. A bus that {@linkplain BusCapabilities#keepsWaiting() keeps what
 *       waits} takes further events; the next consumer of that name begins with the batch that failed.
 *   <li>B5 A full consumer with {@link OverflowPolicy#BLOCK} holds publishers back, and after the timeout they get a
 *       {@link TransientException}; nothing is lost, and what was refused was given to no one. A bus that keeps what waits
 *       holds them back when it cannot take more itself, in the same way; a full consumer gets the events when it has room.
 *   <li>B6 A full consumer with {@link OverflowPolicy#DROP_NEWEST} loses the newest events, which is counted and told;
 *       other consumers lose nothing.
 *   <li>B7 A drain that returns true means that all that was published before it is acknowledged.
 *   <li>B8 Closing delivers what was accepted, in bounded time. After it, publishing is refused with a clear error;
 *       closing twice is no error. What a consumer that leaves has not acknowledged is dropped and told; a bus that keeps
 *       what waits has it for the next consumer of that name.
 *   <li>B9 The lag of a consumer is the number of events that it has not acknowledged.
 *   <li>B10 A batch is never empty and never larger than its consumer allows.
 * </ol>
 */
public interface EventBus extends AutoCloseable {

    /**
     * Returns a bus within this process. Nothing of it survives the process.
     *
     * @param options partitions and timeouts
     * @param listener told of drops, retries, skips and stops
     * @param time the clock for timeouts
     */
    static EventBus inProcess(BusOptions options, BusListener listener, TimeSource time) {
        return new InProcessEventBus(options, listener, time);
    }

    /** Returns what kind of bus it is. */
    BusCapabilities capabilities();

    /**
     * Has the traces of trades go on at the consumers; called before the first of them. A bus between processes carries a trade's
     * context with it; one within a process need not.
     */
    default void follow(TradeTraces traces) {}

    /** Returns how many partitions there are. */
    int partitions();

    /** Returns the partition of a symbol. */
    int partitionOf(String symbol);

    /**
     * Gives an event to all consumers.
     *
     * @throws TransientException if a consumer stayed full until the timeout; no consumer has got the event then
     * @throws PermanentException if the bus is closed, or a consumer that publishers must wait for has stopped
     */
    void publish(MarketEvent event);

    /**
     * Gives events to all consumers; cheaper than one by one.
     *
     * @param batch in order; not kept
     * @throws TransientException as {@link #publish(MarketEvent)}. The message says how many were accepted; publishing
     *     the whole batch again repeats those
     * @throws PermanentException as {@link #publish(MarketEvent)}
     */
    void publish(List<? extends MarketEvent> batch);

    /**
     * Adds a consumer, which gets what is published from now on, or what its {@link Share} says.
     *
     * @throws io.tsdash.error.ConfigurationException if the name is taken
     */
    BusConsumer subscribe(ConsumerOptions options, BatchHandler handler);

    /** Waits until all that was published is acknowledged; returns whether it was, within the timeout. */
    boolean drain(Duration timeout);

    /** Refuses further events, delivers what was accepted within the close timeout, and ends. */
    @Override
    void close();
}
