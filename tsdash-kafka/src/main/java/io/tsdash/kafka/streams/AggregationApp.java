package io.tsdash.kafka.streams;

import io.tsdash.aggregation.Outcome;
import io.tsdash.error.TsdashException;
import io.tsdash.model.Trade;
import io.tsdash.time.TimeSource;
import java.io.PrintStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Metric;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;

/** Runs an {@link AggregationTopology} by itself: {@code --help} says how. Several of them share the work. */
public final class AggregationApp {
    private static final Duration ADMIN_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration PROGRESS = Duration.ofSeconds(10);

    private final AppOptions options;
    private final PrintStream out;
    private final LongAdder late = new LongAdder();
    private final LongAdder duplicates = new LongAdder();
    private final LongAdder deadLetters = new LongAdder();
    private final CountDownLatch ended = new CountDownLatch(1);

    private AggregationApp(AppOptions options, PrintStream out) {
        this.options = options;
        this.out = out;
    }

    /** Runs until it is told to end, by SIGTERM or Ctrl-C, or cannot go on. */
    public static void main(String[] arguments) {
        try {
            AppOptions options = AppOptions.parse(arguments);
            if (options.help) {
                System.out.print(AppOptions.HELP);
                return;
            }
            System.exit(new AggregationApp(options, System.out).run());
        } catch (TsdashException e) {
            System.err.println("does not start:\n" + e.getMessage());
            System.exit(2);
        }
    }

    private int run() {
        AggregationTopology aggregation = options.topology.listener(listener()).build();
        Map<String, Object> config = new HashMap<>(AggregationTopology.config(options.applicationId, options.servers));
        config.putAll(options.properties);
        Map<String, Object> adminConfig = new HashMap<>(options.properties);
        adminConfig.put("bootstrap.servers", options.servers);
        try (Admin admin = Admin.create(adminConfig)) {
            new AggregationTopics(admin, ADMIN_TIMEOUT)
                    .ensure(aggregation, options.replication, options.retention)
                    .forEach(topic -> out.println("made topic " + topic));
        }
        Properties properties = new Properties();
        properties.putAll(config);
        try (KafkaStreams streams = new KafkaStreams(aggregation.addTo(new Topology()), properties)) {
            streams.setUncaughtExceptionHandler(new ThreadFailures(
                    TimeSource.system(), (failure, response) -> out.println(response + " after " + failure)));
            streams.setStateListener((now, before) -> {
                out.println("state " + now);
                if (now == KafkaStreams.State.ERROR || now == KafkaStreams.State.NOT_RUNNING) {
                    ended.countDown();
                }
            });
            Thread hook = new Thread(() -> streams.close(CLOSE_TIMEOUT), "tsdash-shutdown");
            Runtime.getRuntime().addShutdownHook(hook);
            streams.start();
            report(streams);
            return streams.state() == KafkaStreams.State.ERROR ? 1 : 0;
        }
    }

    private void report(KafkaStreams streams) {
        double before = 0;
        try {
            while (!ended.await(PROGRESS.toSeconds(), TimeUnit.SECONDS)) {
                double records = total(streams, "process-total");
                out.printf(
                        "%s: %,.0f records, %,.0f/s; %,d too late, %,d duplicates, %,d dead letters%n",
                        streams.state(),
                        records,
                        Math.max(0, records - before) / PROGRESS.toSeconds(),
                        late.sum(),
                        duplicates.sum(),
                        deadLetters.sum());
                before = records;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static double total(KafkaStreams streams, String name) {
        double total = 0;
        for (Metric metric : streams.metrics().values()) {
            if (metric.metricName().name().equals(name)
                    && metric.metricName().group().equals("stream-thread-metrics")
                    && metric.metricValue() instanceof Double value) {
                total += value;
            }
        }
        return total;
    }

    private AggregationListener listener() {
        return new AggregationListener() {
            @Override
            public void onDeadLetter(String topic, int partition, long offset, String reason) {
                if (deadLetters.sum() == 0) {
                    out.println("dead letter " + topic + "-" + partition + "@" + offset + ": " + reason);
                }
                deadLetters.increment();
            }

            @Override
            public void onSetAside(Trade trade, Outcome outcome) {
                (outcome == Outcome.DUPLICATE ? duplicates : late).increment();
            }

            @Override
            public void onRestored(int partition, long pieces) {
                out.println("partition " + partition + " goes on from " + pieces + " pieces of state");
            }
        };
    }
}
