package io.tsdash.benchmarks;

import io.tsdash.benchmarks.cost.CostlyPath;
import io.tsdash.benchmarks.cost.KafkaPath;
import io.tsdash.benchmarks.cost.PipelinePath;
import io.tsdash.benchmarks.cost.RestPath;
import io.tsdash.benchmarks.cost.SocketsPath;
import io.tsdash.benchmarks.cost.StorePath;
import io.tsdash.engines.KafkaCluster;
import io.tsdash.trace.Tracer;
import io.tsdash.trace.TradeTraces;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What metrics cost: processor time of an operation without and with them, each path twice in one process, in turns; of all threads of
 * Java, so without the collector's and the compiler's.
 *
 * <p>Rounds alternate as off, on, on, off, so that what others do on the machine meets both. Arguments: rounds of each (40), paths
 * (all:
 * pipeline,store,rest,sockets,kafka).
 */
public final class MetricsCost {
    private static final int WARM_ROUNDS = 12;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private MetricsCost() {}

    /** Runs it and prints a line a path. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 40;
        List<String> paths =
                List.of((arguments.length > 1 ? arguments[1] : "pipeline,store,rest,sockets,kafka").split(",", -1));
        for (String path : paths) {
            if (path.equals("kafka")) {
                runKafka(rounds);
                continue;
            }
            try (CostlyPath off = open(path, false);
                    CostlyPath on = open(path, true)) {
                run(path, off, on, rounds);
            }
        }
    }

    private static void runKafka(int rounds) throws IOException, InterruptedException {
        try (KafkaCluster broker = KafkaCluster.start(Files.createTempDirectory("kafka"), 1);
                CostlyPath off = new KafkaPath(broker.servers(), "off", false, TradeTraces.none());
                CostlyPath on = new KafkaPath(broker.servers(), "on", true, TradeTraces.none())) {
            run("kafka", off, on, rounds);
        }
    }

    private static CostlyPath open(String path, boolean measured) throws IOException, InterruptedException {
        return switch (path) {
            case "pipeline" -> new PipelinePath(measured, TradeTraces.none());
            case "store" -> new StorePath(measured);
            case "rest" -> new RestPath(measured, Tracer.none());
            case "sockets" -> new SocketsPath(measured, TradeTraces.none());
            default -> throw new IllegalArgumentException("path was '" + path + "' but there is no such one");
        };
    }

    static void run(String path, CostlyPath off, CostlyPath on, int rounds) throws IOException, InterruptedException {
        for (int i = 0; i < WARM_ROUNDS; i++) {
            off.round();
            on.round();
        }
        double[] offNanos = new double[rounds];
        double[] onNanos = new double[rounds];
        double[] ratios = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            if (i % 2 == 0) {
                offNanos[i] = nanos(off);
                onNanos[i] = nanos(on);
            } else {
                onNanos[i] = nanos(on);
                offNanos[i] = nanos(off);
            }
            ratios[i] = onNanos[i] / offNanos[i];
        }
        System.out.printf(
                Locale.ROOT,
                "%-9s off %,10.1f ns, on %,10.1f ns CPU each: %+.1f %% (median of %d pairs; quartiles %+.1f to %+.1f %%)%n",
                path,
                quantile(offNanos, 0.5),
                quantile(onNanos, 0.5),
                100 * (quantile(ratios, 0.5) - 1),
                rounds,
                100 * (quantile(ratios, 0.25) - 1),
                100 * (quantile(ratios, 0.75) - 1));
    }

    private static double nanos(CostlyPath path) throws IOException, InterruptedException {
        long before = threadsNanos() - path.othersNanos();
        int operations = path.round();
        return (double) (threadsNanos() - path.othersNanos() - before) / operations;
    }

    /** Of the threads of Java: a process's own time is counted in hundredths of a second. */
    private static long threadsNanos() {
        long sum = 0;
        for (long id : THREADS.getAllThreadIds()) {
            sum += Math.max(0, THREADS.getThreadCpuTime(id));
        }
        return sum;
    }

    private static double quantile(double[] values, double share) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) (share * (sorted.length - 1))];
    }
}
