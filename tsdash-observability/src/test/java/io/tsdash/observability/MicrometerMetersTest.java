package io.tsdash.observability;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** As Prometheus reads them: names are part of what is tested. */
class MicrometerMetersTest extends MetersContract {
    final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Meters meters = new MicrometerMeters(registry);

    @Override
    Meters meters() {
        return meters;
    }

    @Override
    double value(Metric metric, String... tags) {
        return sample(metric.prometheus(), metric, tags);
    }

    @Override
    double sum(Metric metric, String... tags) {
        return sample(metric.prometheus() + "_sum", metric, tags);
    }

    @Override
    List<Long> buckets(Metric metric, String... tags) {
        List<Long> buckets = new ArrayList<>();
        long before = 0;
        for (String line : registry.scrape().split("\n", -1)) {
            if (line.startsWith(metric.prometheus() + "_bucket{") && has(line, metric, tags)) {
                long now = Math.round(Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)));
                buckets.add(now - before);
                before = now;
            }
        }
        return buckets;
    }

    private double sample(String name, Metric metric, String... tags) {
        for (String line : registry.scrape().split("\n", -1)) {
            if ((line.startsWith(name + "{") || line.startsWith(name + " ")) && has(line, metric, tags)) {
                return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
            }
        }
        throw new AssertionError("no " + name + " in\n" + registry.scrape());
    }

    private static boolean has(String line, Metric metric, String... tags) {
        boolean all = true;
        for (int i = 0; i < tags.length; i++) {
            String tag = metric.tags().get(i).replace('.', '_').toLowerCase(Locale.ROOT);
            all &= line.contains(tag + "=\"" + tags[i] + '"');
        }
        return all;
    }
}
