import io.tsdash.engines.InfluxServer;
import io.tsdash.model.Trade;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.influxdb.InfluxDB;
import org.influxdb.InfluxDBFactory;
import org.influxdb.dto.BatchPoints;
import org.influxdb.dto.Point;
import org.influxdb.dto.Query;

/**
 * Which way of writing the same points to InfluxDB 1.x is the fastest: the client influxdb-java with its points, the client
 * with lines made by hand, or lines by the JDK's HTTP client, which is what StoreBenchmark's loop by hand does.
 *
 * <p>They take turns on one server, a database each; what counts is the processor time of client and server.
 */
public final class InfluxClients {
    private static final int ROUNDS = 7;
    private static final int BATCH = 5_000;
    private static final long START_NANOS = 1_785_763_800_000_000_000L;

    private interface Way {
        void write(List<Trade> batch) throws Exception;
    }

    /** Argument: trades a round. */
    public static void main(String[] args) throws Exception {
        int trades = args.length > 0 ? Integer.parseInt(args[0]) : 300_000;
        Path folder = Files.createTempDirectory("tsdash-influx");
        try (InfluxServer server = InfluxServer.start(folder);
                InfluxDB client = InfluxDBFactory.connect(server.address().toString())) {
            HttpClient http = HttpClient.newHttpClient();
            Map<String, Way> ways = new LinkedHashMap<>();
            ways.put("lines over HTTP", batch -> post(http, server, lines(batch)));
            ways.put("influxdb-java, points", batch -> client.write(points(batch)));
            ways.put(
                    "influxdb-java, lines",
                    batch -> client.write(
                            "way2", "autogen", InfluxDB.ConsistencyLevel.ONE, TimeUnit.NANOSECONDS, lines(batch)));
            for (int way = 0; way < ways.size(); way++) {
                client.query(new Query("CREATE DATABASE way" + way));
            }
            double[][] wall = new double[ways.size()][ROUNDS];
            double[][] cpu = new double[ways.size()][ROUNDS];
            List<Way> all = List.copyOf(ways.values());
            for (int round = 0; round <= ROUNDS; round++) {
                for (int turn = 0; turn < all.size(); turn++) {
                    int way = (turn + round) % all.size(); // whoever begins has colder caches
                    long cpuStart = cpuNanos(server);
                    long wallStart = System.nanoTime();
                    for (int from = 0; from < trades; from += BATCH) {
                        all.get(way).write(batch((long) round * trades + from));
                    }
                    if (round > 0) { // the first warms up
                        wall[way][round - 1] = trades * 1e9 / (System.nanoTime() - wallStart);
                        cpu[way][round - 1] = trades * 1e9 / (cpuNanos(server) - cpuStart);
                    }
                }
            }
            List<String> names = List.copyOf(ways.keySet());
            for (int way = 0; way < names.size(); way++) {
                System.out.printf(
                        Locale.ROOT,
                        "%-24s %,10.0f trades/s %,10.0f trades/CPU-s (medians of %d)%n",
                        names.get(way),
                        median(wall[way]),
                        median(cpu[way]),
                        ROUNDS);
            }
        }
        System.exit(0); // the client's threads would stay a minute
    }

    private static List<Trade> batch(long from) {
        List<Trade> batch = new ArrayList<>(BATCH);
        for (long n = from; n < from + BATCH; n++) {
            batch.add(Trade.of("SYM" + n * 7919 % 500, START_NANOS + n * 1_000_000, n, 100 + n % 41 / 100.0, 1 + n % 100));
        }
        return batch;
    }

    private static void post(HttpClient http, InfluxServer server, String lines) throws Exception {
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(server.address().resolve("/write?db=way0&precision=ns"))
                        .POST(HttpRequest.BodyPublishers.ofString(lines))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 204) {
            throw new IOException(response.body());
        }
    }

    private static String lines(List<Trade> batch) {
        StringBuilder lines = new StringBuilder(batch.size() * 200);
        for (Trade trade : batch) {
            lines.append("trade,symbol=").append(trade.symbol());
            lines.append(" price=").append(trade.price()).append(",volume=").append(trade.volume());
            lines.append(",counted_volume=").append(trade.volume());
            lines.append(",counted_notional=").append(trade.price() * trade.volume());
            lines.append(",counted=1i,priced=1i,flags=3i,version=0i,sequence=").append(trade.sequence());
            lines.append("i,event=").append(trade.eventTimeNanos());
            lines.append("i,received=").append(trade.receiveTimeNanos());
            lines.append("i ").append(trade.eventTimeNanos()).append('\n');
        }
        return lines.toString();
    }

    private static BatchPoints points(List<Trade> batch) {
        BatchPoints.Builder points = BatchPoints.database("way1").precision(TimeUnit.NANOSECONDS);
        for (Trade trade : batch) {
            points.point(Point.measurement("trade")
                    .tag("symbol", trade.symbol())
                    .addField("price", trade.price())
                    .addField("volume", trade.volume())
                    .addField("counted_volume", trade.volume())
                    .addField("counted_notional", trade.price() * trade.volume())
                    .addField("counted", 1)
                    .addField("priced", 1)
                    .addField("flags", 3)
                    .addField("version", 0)
                    .addField("sequence", trade.sequence())
                    .addField("event", trade.eventTimeNanos())
                    .addField("received", trade.receiveTimeNanos())
                    .time(trade.eventTimeNanos(), TimeUnit.NANOSECONDS)
                    .build());
        }
        return points.build();
    }

    private static long cpuNanos(InfluxServer server) {
        return Stream.of(ProcessHandle.current().pid(), server.pid())
                .map(ProcessHandle::of)
                .mapToLong(process -> process.orElseThrow().info().totalCpuDuration().orElseThrow().toNanos())
                .sum();
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
