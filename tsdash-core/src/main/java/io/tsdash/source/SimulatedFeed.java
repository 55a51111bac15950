package io.tsdash.source;

import io.tsdash.model.MarketEvent;
import io.tsdash.model.Quote;
import io.tsdash.model.Trade;
import io.tsdash.time.TimeSource;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A market that needs no network: hundreds of symbols that move like real ones, from a seed.
 *
 * <p>Whatever the configuration, the symbol {@code TEST} trades once a second in a pattern anyone can check: price 100
 * plus the second of the minute. Event time begins at the clock's time when the feed starts and advances by the
 * simulation alone, so the same seed, configuration and start give the same events, however fast they are taken. A slow
 * listener holds the feed back, and it then catches up.
 */
public final class SimulatedFeed implements Feed {
    private final SimulatorConfig config;
    private final TimeSource time;
    private final FeedThread thread = new FeedThread("sim");
    private final AtomicLong events = new AtomicLong();

    /**
     * @param config what the market is like
     * @param time the clocks: where event time begins, and what it keeps pace with
     */
    public SimulatedFeed(SimulatorConfig config, TimeSource time) {
        this.config = config;
        this.time = time;
    }

    @Override
    public String name() {
        return "sim";
    }

    /** Returns how many events were delivered; from any thread. */
    public long events() {
        return events.get();
    }

    @Override
    public void start(FeedListener listener) {
        thread.start(listener, () -> run(listener));
    }

    @Override
    public void close() {
        thread.stop();
    }

    private String run(FeedListener listener) throws InterruptedException {
        listener.onState(ConnectionState.LIVE, "simulating " + config.symbols() + " symbols");
        long startNanos = time.epochNanos();
        MarketSimulator simulator = new MarketSimulator(config, startNanos);
        Pacer pacer = new Pacer(time, config.speed());
        long count = 0;
        while (!thread.stopping() && (config.eventsMax() == 0 || count < config.eventsMax())) {
            MarketEvent event = simulator.next();
            pacer.await(simulator.nowNanos() - startNanos, thread::stopping);
            if (thread.stopping()) {
                break;
            }
            if (event instanceof Trade trade) {
                listener.onTrade(trade);
            } else if (event instanceof Quote quote) {
                listener.onQuote(quote);
            }
            count++;
            events.lazySet(count);
        }
        return "delivered " + count + " events";
    }
}
