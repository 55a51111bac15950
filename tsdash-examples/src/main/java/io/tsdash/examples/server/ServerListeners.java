package io.tsdash.examples.server;

import io.tsdash.bus.BusListener;
import io.tsdash.cache.CacheAsideListener;
import io.tsdash.cache.WriteBehindListener;
import io.tsdash.distribution.HubListener;
import io.tsdash.model.PriceUpdate;
import io.tsdash.observability.Listeners;
import io.tsdash.pipeline.PipelineListener;
import io.tsdash.relay.RelayListener;
import io.tsdash.resilience.CircuitBreakerListener;
import io.tsdash.resilience.FallbackListener;
import io.tsdash.resilience.GuardListener;
import io.tsdash.resilience.RetryListener;
import io.tsdash.trace.TradeTraceListener;
import io.tsdash.transport.ConnectionListener;
import io.tsdash.transport.TrafficListener;
import io.tsdash.transport.access.AccessListener;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Who hears of what happens in the server: people, by log and alerts, and the metrics where there are any. Thread-safe. */
final class ServerListeners {
    private final EventReporter reporter;
    private final GuardReporter guards;
    private final Optional<Instruments> instruments;

    ServerListeners(EventReporter reporter, Optional<Instruments> instruments) {
        this.reporter = reporter;
        this.guards = new GuardReporter(reporter);
        this.instruments = instruments;
    }

    PipelineListener pipeline() {
        return joined(PipelineListener.class, reporter, each -> each.pipeline);
    }

    BusListener bus() {
        return joined(BusListener.class, reporter, each -> each.bus);
    }

    HubListener hub() {
        return joined(HubListener.class, reporter, each -> each.hub);
    }

    RelayListener relay() {
        return joined(RelayListener.class, reporter, Instruments::relay);
    }

    TradeTraceListener traces() {
        return joined(TradeTraceListener.class, reporter, each -> each.traces);
    }

    AccessListener access() {
        return joined(AccessListener.class, reporter, each -> each.server);
    }

    ConnectionListener connections() {
        return joined(ConnectionListener.class, reporter, each -> each.server);
    }

    TrafficListener traffic() {
        return instruments.map(each -> (TrafficListener) each.server).orElse(TrafficListener.NONE);
    }

    CacheAsideListener caches() {
        return joined(CacheAsideListener.class, new CacheReporter(reporter), each -> each.caches);
    }

    /** The metrics read what is counted. */
    WriteBehindListener<PriceUpdate> pricesBehind() {
        return new CacheReporter(reporter).behind();
    }

    CircuitBreakerListener breakers() {
        return joined(CircuitBreakerListener.class, guards, each -> each.guards);
    }

    GuardListener guards() {
        return joined(GuardListener.class, guards, each -> each.guards);
    }

    RetryListener retries() {
        return joined(RetryListener.class, guards, each -> each.guards);
    }

    FallbackListener fallbacks() {
        return joined(FallbackListener.class, guards, each -> each.guards);
    }

    private <L> L joined(Class<L> type, L people, Function<Instruments, L> metrics) {
        return instruments
                .map(each -> Listeners.join(type, List.of(people, metrics.apply(each))))
                .orElse(people);
    }
}
