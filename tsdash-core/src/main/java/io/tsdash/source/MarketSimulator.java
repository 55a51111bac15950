package io.tsdash.source;

import io.tsdash.model.MarketEvent;
import io.tsdash.model.Trade;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * An endless, seeded stream of trades and quotes in the order in which a feed would receive them.
 *
 * <p>Waiting times are exponential. A few symbols make most of the events (weights fall as 1/rank, as on real venues),
 * the last tenth is quiet: about an event a minute each. Every few seconds a burst makes one symbol three times as busy as
 * the whole market for up to two seconds. What is disturbed (late, duplicated, corrected, cancelled) waits in a queue
 * until its time has come, at most the lateness bound after its event time. The test symbol is never disturbed.
 * Single-threaded.
 */
final class MarketSimulator {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long NETWORK_NANOS = 300_000; // from the venue to us
    private static final long OUT_OF_ORDER_NANOS = 100_000_000;
    private static final int QUIET_SHARE = 10; // one symbol in ten
    private static final double QUIET_EVENTS_PER_SECOND = 1 / 60.0;
    private static final double BURST_FACTOR = 4;
    private static final long BURST_NANOS_MAX = 2 * NANOS_PER_SECOND;
    private static final long CALM_NANOS_MAX = 20 * NANOS_PER_SECOND;

    private final SimulatorConfig config;
    private final SplittableRandom random;
    private final List<SimulatedSymbol> symbols;
    private final AliasTable weights;
    private final TradingHours hours;
    private final TestSymbol testSymbol;
    private final PriorityQueue<Delayed> delayed =
            new PriorityQueue<>(Comparator.comparingLong(Delayed::releaseNanos).thenComparingLong(Delayed::order));
    private final long latenessMaxNanos;
    private final double meanWaitNanos;
    private final boolean disturbs;

    private long nowNanos;
    private long nextNanos;
    private long delayedCount;
    private int burstSymbol;
    private boolean burst;
    private long burstChangeNanos;

    MarketSimulator(SimulatorConfig config, long startNanos) {
        this.config = config;
        this.random = new SplittableRandom(config.seed());
        this.symbols = SimulatedSymbols.make(config.symbols(), random);
        this.weights = new AliasTable(weights(config));
        this.hours = new TradingHours(config.sessions());
        this.testSymbol = new TestSymbol(startNanos);
        this.latenessMaxNanos = config.latenessMax().toNanos();
        this.meanWaitNanos = NANOS_PER_SECOND / config.eventsPerSecond();
        this.disturbs = config.outOfOrderShare()
                        + config.lateShare()
                        + config.duplicateShare()
                        + config.correctionShare()
                        + config.cancelShare()
                > 0;
        this.nowNanos = startNanos;
        this.nextNanos = startNanos;
        this.burstChangeNanos = startNanos + random.nextLong(CALM_NANOS_MAX);
    }

    /** Returns the time at which the last event is received; never goes back. */
    long nowNanos() {
        return nowNanos;
    }

    MarketEvent next() {
        while (true) {
            long testNanos = testSymbol.nextNanos();
            Delayed head = delayed.peek();
            if (head != null && head.releaseNanos() <= Math.min(testNanos, nextNanos)) {
                delayed.remove();
                nowNanos = head.releaseNanos();
                return head.received(nowNanos + NETWORK_NANOS);
            }
            if (testNanos <= nextNanos) {
                nowNanos = testNanos;
                return testSymbol.next(nowNanos + NETWORK_NANOS);
            }
            nowNanos = nextNanos;
            MarketEvent event = market();
            if (event != null) {
                return event;
            }
        }
    }

    /** Returns the next event of the market, or null if there is none now: its symbol is closed, or it comes later. */
    private @Nullable MarketEvent market() {
        changeBurst();
        long bits = random.nextLong();
        nextNanos += Math.max(1, (long) (meanWaitNanos * Quantiles.exponential(bits) / (burst ? BURST_FACTOR : 1)));
        boolean ofBurst = burst && (bits >>> 12 & 3) != 0;
        SimulatedSymbol symbol = symbols.get(ofBurst ? burstSymbol : weights.choose(random.nextLong()));
        if (symbol.isShare() && !hours.open(nowNanos)) {
            return null;
        }
        boolean quote = ((bits >>> 16) & 0xffff) * 0x1p-16 < config.quoteShare();
        if (quote) {
            return symbol.quote(nowNanos, nowNanos + NETWORK_NANOS, random);
        }
        Trade trade = symbol.trade(nowNanos, nowNanos + NETWORK_NANOS, random);
        return disturbs ? disturb(trade, symbol) : trade;
    }

    private @Nullable Trade disturb(Trade trade, SimulatedSymbol symbol) {
        if (chance(config.duplicateShare())) {
            later(trade, latenessMaxNanos);
        }
        if (chance(config.cancelShare())) {
            later(
                    Trade.cancel(trade.symbol(), trade.eventTimeNanos(), trade.sequence(), trade.receiveTimeNanos()),
                    latenessMaxNanos);
        } else if (chance(config.correctionShare())) {
            later(trade.correctedTo(symbol.oneTickAbove(trade.price()), trade.volume()), latenessMaxNanos);
        }
        if (chance(config.lateShare())) {
            later(trade, latenessMaxNanos);
            return null;
        }
        if (chance(config.outOfOrderShare())) {
            later(trade, Math.min(OUT_OF_ORDER_NANOS, latenessMaxNanos));
            return null;
        }
        return trade;
    }

    private void later(Trade trade, long delayNanosMax) {
        long delayNanos = 1 + (long) (random.nextDouble() * Math.max(0, delayNanosMax - NETWORK_NANOS - 1));
        delayed.add(new Delayed(nowNanos + delayNanos, delayedCount++, trade));
    }

    private boolean chance(double share) {
        return share > 0 && random.nextDouble() < share;
    }

    private void changeBurst() {
        if (nowNanos >= burstChangeNanos) {
            burst = !burst;
            burstSymbol = random.nextInt(symbols.size());
            burstChangeNanos = nowNanos + 1 + random.nextLong(burst ? BURST_NANOS_MAX : CALM_NANOS_MAX);
        }
    }

    private static double[] weights(SimulatorConfig config) {
        int count = config.symbols();
        int lively = count - count / QUIET_SHARE;
        double harmonic = 0;
        for (int i = 1; i <= lively; i++) {
            harmonic += 1.0 / i;
        }
        double[] weights = new double[count];
        for (int i = 0; i < count; i++) {
            boolean quiet = i >= lively;
            weights[i] = quiet
                    ? Math.min(QUIET_EVENTS_PER_SECOND / config.eventsPerSecond(), 1.0 / count)
                    : 1.0 / (i + 1) / harmonic;
        }
        return weights;
    }

    /** A trade that comes later than it happened. */
    private record Delayed(long releaseNanos, long order, Trade trade) {

        Trade received(long receiveNanos) {
            return new Trade(
                    trade.symbol(),
                    trade.eventTimeNanos(),
                    receiveNanos,
                    trade.sequence(),
                    trade.price(),
                    trade.volume(),
                    trade.side(),
                    trade.setsPrice(),
                    trade.countsVolume(),
                    trade.version());
        }
    }
}
