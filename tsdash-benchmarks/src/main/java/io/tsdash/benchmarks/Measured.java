package io.tsdash.benchmarks;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tsdash.bus.BusListener;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.HubListener;
import io.tsdash.observability.BusMetrics;
import io.tsdash.observability.HubMetrics;
import io.tsdash.observability.Listeners;
import io.tsdash.observability.MeteredMarketStore;
import io.tsdash.observability.Meters;
import io.tsdash.observability.MicrometerMeters;
import io.tsdash.observability.PipelineMetrics;
import io.tsdash.observability.ServerMetrics;
import io.tsdash.pipeline.PipelineListener;
import io.tsdash.store.MarketStore;
import io.tsdash.store.writer.StoreWriterListener;
import io.tsdash.time.TimeSource;
import io.tsdash.transport.TsdashServer;
import io.tsdash.transport.TsdashServerBuilder;
import java.util.List;

/** The metrics of what a benchmark measures with them on: joined to what hears without them, as in the reference server. */
public final class Measured {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Meters meters = new MicrometerMeters(registry);

    private final BusMetrics bus = new BusMetrics(meters, List.of("reader"));
    private final HubMetrics hub = new HubMetrics(meters);

    private final PipelineMetrics pipeline =
            new PipelineMetrics(meters, List.of("nowhere"), List.of("nowhere"), TimeSource.system());
    private final ServerMetrics server = new ServerMetrics(meters, TimeSource.system());

    /** Returns a listener of a pipeline that tells both. */
    public PipelineListener joined(PipelineListener other) {
        return with(PipelineListener.class, other, pipeline);
    }

    /** Returns a listener of a store writer that tells both. */
    public StoreWriterListener joined(StoreWriterListener other) {
        return with(StoreWriterListener.class, other, pipeline);
    }

    /** Returns a listener of a bus that tells both. */
    public BusListener joined(BusListener other) {
        return with(BusListener.class, other, bus);
    }

    /** Returns a listener of a hub that tells both. */
    public HubListener joined(HubListener other) {
        return with(HubListener.class, other, hub);
    }

    /** Returns a store that is measured. */
    public MarketStore joined(MarketStore store) {
        return new MeteredMarketStore(store, meters, TimeSource.system());
    }

    /** Has a server tell. */
    public TsdashServerBuilder measure(TsdashServerBuilder builder) {
        return builder.trafficListener(server).connectionListener(server).accessListener(server);
    }

    /** Reads what hub and server keep. */
    public void read(Hub of, TsdashServer serving) {
        HubMetrics.read(meters, of);
        ServerMetrics.read(meters, serving);
    }

    private static <L> L with(Class<L> type, L other, L metrics) {
        return Listeners.join(type, List.of(other, metrics));
    }

    /** Makes the page that Prometheus would read. */
    public void scrape() {
        if (registry.scrape().isEmpty()) {
            throw new IllegalStateException("there are no metrics");
        }
    }
}
