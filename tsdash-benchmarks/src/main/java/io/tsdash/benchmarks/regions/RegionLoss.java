package io.tsdash.benchmarks.regions;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Loses a region again and again, at random moments, and shows what is missing afterwards (recovery point) and how long
 * nothing is served (recovery time). A model with the assumptions that it prints: it says what follows from them, and nothing of
 * any product.
 *
 * <p>{@code scripts/bench regions.RegionLoss [TRADES_A_SECOND [LOSSES]]}
 */
public final class RegionLoss {
    private static final long SEED = 20_261_129;
    private static final double CHECK_SECONDS = 5;
    private static final int FAILED_CHECKS = 3;
    private static final double PERSON_MEDIAN_SECONDS = 600;
    private static final double PERSON_SPREAD = 0.7;
    private static final double NAME_SECONDS = 60;
    private static final double CLIENT_BACK_SECONDS = 5;
    private static final double VENUE_GIVES_SECONDS = 3_600;
    private static final List<Replication> PARTS = List.of(
            new Replication("PostgreSQL, streaming, asynchronous", 100, 1.2, false, 30),
            new Replication("PostgreSQL, streaming, synchronous", 100, 1.2, true, 30),
            new Replication("ClickHouse, replicated tables", 500, 1.0, false, 5),
            new Replication("InfluxDB 1.x, line protocol to both", 200, 1.5, false, 5),
            new Replication("Kafka, MirrorMaker 2", 1_000, 1.0, false, 60),
            new Replication("Redis, replica", 100, 1.2, false, 10));

    private RegionLoss() {}

    /** Runs it; arguments as the class says. */
    public static void main(String[] args) {
        double tradesASecond = args.length > 0 ? Double.parseDouble(args[0]) : 1_500;
        int losses = args.length > 1 ? Integer.parseInt(args[1]) : 100_000;
        show(
                "Assumed: %,.0f trades a second; health is asked every %.0f s and %d failures in a row count;%n"
                        + "a person decides after %.0f s (median, log-normal, sigma %.1f), a machine at once;%n"
                        + "names lead to the other region within %.0f s, a client is back %.0f s after that;%n"
                        + "a venue gives trades of the last %.0f s again. %,d losses, seed %d.%n%n",
                tradesASecond,
                CHECK_SECONDS,
                FAILED_CHECKS,
                PERSON_MEDIAN_SECONDS,
                PERSON_SPREAD,
                NAME_SECONDS,
                CLIENT_BACK_SECONDS,
                VENUE_GIVES_SECONDS,
                losses,
                SEED);
        show(
                "| part | lag median ms, sigma | missing p50, p99 ms | trades p99 | after asking the venue | recovery s p50, p99:"
                        + " a person decides | a machine |%n| --- | --- | --- | --- | --- | --- | --- |%n");
        for (Replication part : PARTS) {
            row(part, tradesASecond, losses);
        }
    }

    private static void row(Replication part, double tradesASecond, int losses) {
        Random random = new Random(SEED);
        double[] missing = new double[losses];
        double[] byPerson = new double[losses];
        double[] byMachine = new double[losses];
        double[] left = new double[losses];
        for (int i = 0; i < losses; i++) {
            double lag = logNormal(random, part.medianMillis(), part.spread());
            missing[i] = part.acknowledged() ? 0 : lag;
            double noticed = CHECK_SECONDS * (FAILED_CHECKS - 1 + random.nextDouble());
            double after = part.takeOverSeconds() + NAME_SECONDS * random.nextDouble() + CLIENT_BACK_SECONDS;
            byMachine[i] = noticed + after;
            byPerson[i] = noticed + logNormal(random, PERSON_MEDIAN_SECONDS, PERSON_SPREAD) + after;
            // What was missed begins before the loss and ends when the other region's feed is taken in.
            left[i] = Math.max(0, missing[i] / 1_000 + byPerson[i] - VENUE_GIVES_SECONDS) * tradesASecond;
        }
        show(
                "| %s | %.0f, %.1f | %,.0f, %,.0f | %,.0f | %,.0f | %,.0f, %,.0f | %,.0f, %,.0f |%n",
                part.name(),
                part.medianMillis(),
                part.spread(),
                percentile(missing, 50),
                percentile(missing, 99),
                percentile(missing, 99) / 1_000 * tradesASecond,
                percentile(left, 99),
                percentile(byPerson, 50),
                percentile(byPerson, 99),
                percentile(byMachine, 50),
                percentile(byMachine, 99));
    }

    private static double logNormal(Random random, double median, double sigma) {
        return median * Math.exp(sigma * random.nextGaussian());
    }

    private static double percentile(double[] values, int percent) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.min(sorted.length - 1L, (long) sorted.length * percent / 100)];
    }

    @SuppressWarnings("SystemOut") // a program for people
    private static void show(String form, Object... values) {
        System.out.printf(Locale.ROOT, form, values);
    }
}
