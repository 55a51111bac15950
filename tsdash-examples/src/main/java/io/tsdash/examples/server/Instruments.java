package io.tsdash.examples.server;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.expositionformats.PrometheusProtobufWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tsdash.cache.Cache;
import io.tsdash.cache.CacheAside;
import io.tsdash.cache.CachePolicy;
import io.tsdash.distribution.Hub;
import io.tsdash.observability.BusMetrics;
import io.tsdash.observability.CacheMetrics;
import io.tsdash.observability.GuardMetrics;
import io.tsdash.observability.HubMetrics;
import io.tsdash.observability.MeteredCache;
import io.tsdash.observability.MeteredMarketStore;
import io.tsdash.observability.Meters;
import io.tsdash.observability.Metric;
import io.tsdash.observability.MicrometerMeters;
import io.tsdash.observability.NativeHistograms;
import io.tsdash.observability.PipelineMetrics;
import io.tsdash.observability.RelayMetrics;
import io.tsdash.observability.ServerMetrics;
import io.tsdash.observability.StoreMetrics;
import io.tsdash.observability.StoreSize;
import io.tsdash.observability.TradeTraceMetrics;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.TradeTraces;
import io.tsdash.transport.Page;
import io.tsdash.transport.TsdashServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Measures the reference server, in a registry of Micrometer that Prometheus reads. Thread-safe. */
final class Instruments implements AutoCloseable {
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
    private static final String OPEN_METRICS = "application/openmetrics-text";
    private static final PrometheusProtobufWriter PROTOBUF = new PrometheusProtobufWriter();
    private static final Duration SIZE_PAUSE = Duration.ofMinutes(1);
    private static final String BARS = "bars";
    private static final List<String> CONSUMERS = List.of(BARS, "store");

    private final TimeSource time;
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(
            new ExemplarsOfBuckets(), new PrometheusRegistry(), Clock.SYSTEM, new TraceExemplars());
    private final boolean nativeHistograms;
    private final Meters meters;
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final List<StoreSize> sizes = new CopyOnWriteArrayList<>();
    private final AtomicBoolean readsBus = new AtomicBoolean();
    final PipelineMetrics pipeline;
    final BusMetrics bus;
    final HubMetrics hub;
    final ServerMetrics server;
    final CacheMetrics caches;
    final GuardMetrics guards;
    final TradeTraceMetrics traces;

    /**
     * @param stores names of those that get trades
     * @param barStores names of those that get bars
     * @param nativeHistograms whether there are native ones too, and the page in the form that holds them
     */
    Instruments(List<String> stores, List<String> barStores, boolean nativeHistograms, TimeSource time) {
        this.time = time;
        this.nativeHistograms = nativeHistograms;
        Meters plain = new MicrometerMeters(registry);
        meters = nativeHistograms ? new NativeHistograms(plain, registry.getPrometheusRegistry()) : plain;
        // Their names say ns, and count, against Prometheus's rules; process.cpu.usage and the machine's own metrics
        // say as much.
        registry.config().meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time"));
        registry.config().meterFilter(MeterFilter.denyNameStartsWith("system.cpu.count"));
        pipeline = new PipelineMetrics(meters, stores, barStores, time);
        bus = new BusMetrics(meters, CONSUMERS);
        hub = new HubMetrics(meters);
        server = new ServerMetrics(meters, time);
        caches = new CacheMetrics(meters);
        guards = new GuardMetrics(meters);
        traces = new TradeTraceMetrics(meters, time);
        new JvmMemoryMetrics().bindTo(registry);
        collections.bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ClassLoaderMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
    }

    /** Returns what measures the node of a relay, for the one that there is. */
    RelayMetrics relay() {
        return new RelayMetrics(meters);
    }

    /** Returns the store, with its questions measured, reads its pool, and asks it for its size. */
    MarketStore metered(MarketStore store) {
        StoreMetrics.read(meters, store);
        sizes.add(new StoreSize(store, meters).every(SIZE_PAUSE));
        return new MeteredMarketStore(store, meters, time);
    }

    /** Returns the cache, with its questions counted. */
    <V> Cache<V> metered(CachePolicy kind, Cache<V> cache) {
        return new MeteredCache<>(kind.kind(), cache, meters, time);
    }

    /** Reads what a bus of this many partitions has waiting; of one that follows another only what is waiting. */
    void readBus(int partitions, ServedMarket market) {
        if (readsBus.compareAndSet(false, true)) {
            for (String consumer : CONSUMERS) {
                PipelineMetrics.waiting(meters, consumer, partitions, market::waiting);
            }
            pipeline.partitionLag(meters, partitions, () -> market.waiting().getOrDefault(BARS, Map.of()));
        }
    }

    void read(ServedMarket market, List<String> stores, List<String> barStores) {
        PipelineMetrics.read(meters, market::counts);
        stores.forEach(store -> PipelineMetrics.trades(meters, store, market::stores));
        barStores.forEach(store -> PipelineMetrics.bars(meters, store, market::stores));
        Stream.concat(stores.stream(), barStores.stream())
                .distinct()
                .forEach(store -> PipelineMetrics.up(meters, store, market::stores));
    }

    void read(ReadSide readers) {
        guards.read(meters, readers.breaker());
        guards.expectBulkhead(ReadSide.STORE);
        guards.expectRetry(ReadSide.STORE);
        guards.expectGuard(ReadSide.GUARD);
        guards.expectChain(ReadSide.CHAIN, ReadSide.SOURCES);
        readers.newestBars().kinds().forEach(this::read);
        CacheMetrics.read(meters, CachePolicy.LAST_PRICE.kind(), readers.pricesBehind());
    }

    void read(CacheAside<?> aside) {
        caches.read(meters, aside);
    }

    void read(Hub served) {
        HubMetrics.read(meters, served);
    }

    void read(TradeTraces followed) {
        TradeTraceMetrics.read(meters, followed);
    }

    void read(TsdashServer serving) {
        ServerMetrics.read(meters, serving);
    }

    void readRedis(Supplier<Optional<String>> problem) {
        meters.gauge(Metric.REDIS_UP, () -> problem.get().isEmpty() ? 1 : 0);
    }

    void readRelay(Supplier<Optional<String>> problem) {
        meters.gauge(Metric.RELAY_UP, () -> problem.get().isEmpty() ? 1 : 0);
    }

    void readExport(ToldExporter exporter) {
        meters.total(Metric.SPANS_LOST, exporter::unsent, "unsent");
        meters.total(Metric.SPANS_LOST, exporter::dropped, "dropped");
    }

    void readSuppressed(LongSupplier lines) {
        meters.total(Metric.LOG_SUPPRESSED, lines);
    }

    /** Returns the page that Prometheus reads. */
    Page page() {
        return accept -> {
            if (nativeHistograms && PROTOBUF.accepts(accept)) {
                return protobuf();
            }
            String type = accept.contains(OPEN_METRICS) ? OPEN_METRICS + "; version=1.0.0; charset=utf-8" : TEXT;
            return new Page.Content(type, registry.scrape(type).getBytes(StandardCharsets.UTF_8));
        };
    }

    private Page.Content protobuf() {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try {
            registry.scrape(body, PROTOBUF.getContentType());
        } catch (IOException e) {
            throw new UncheckedIOException(e); // never: it is memory
        }
        return new Page.Content(PROTOBUF.getContentType(), body.toByteArray());
    }

    @Override
    public void close() {
        sizes.forEach(StoreSize::close);
        collections.close();
        registry.close();
    }

    /** Micrometer would also have exemplars on counts; Prometheus before 2.43 refuses a whole page with such. */
    private static final class ExemplarsOfBuckets implements PrometheusConfig {
        @Override
        public @Nullable String get(String key) {
            return null;
        }

        @Override
        public Properties prometheusProperties() {
            return new Properties();
        }
    }
}
