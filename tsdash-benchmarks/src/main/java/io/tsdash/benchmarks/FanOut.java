package io.tsdash.benchmarks;

import io.tsdash.benchmarks.fanout.Crowd;
import io.tsdash.benchmarks.fanout.TsdashContender;
import io.tsdash.benchmarks.fanout.UndertowContender;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * One server, ten thousand WebSockets that follow 50 symbols of 500 each, ten ticks a second of all symbols; ours
 * and plain rivals in turn, each in a process of its own beside the clients.
 *
 * <p>Arguments: clients (10000), seconds (20), contenders (all: tsdash,ws-each,ws-batch,undertow;
 * tsdash-measured is ours with its metrics on).
 */
public final class FanOut {
    private static final int SYMBOLS = 500;
    private static final int EACH = 50;
    private static final int TICK_MILLIS = 100;
    private static final int WARM_SECONDS = 10;
    private static final double TICKS_A_SECOND = 100;

    private FanOut() {}

    /** Runs it and prints a line a contender. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        int clients = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 10_000;
        int seconds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 20;
        String[] contenders = (arguments.length > 2 ? arguments[2] : "tsdash,ws-each,ws-batch,undertow").split(",", -1);
        System.out.printf(
                Locale.ROOT,
                "%,d clients, %d of %d symbols each, a tick of all every %d ms, %d s%n",
                clients,
                EACH,
                SYMBOLS,
                TICK_MILLIS,
                seconds);
        for (String contender : contenders) {
            run(contender, clients, seconds);
        }
    }

    private static void run(String contender, int clients, int seconds) throws IOException, InterruptedException {
        Process server = new ProcessBuilder(command(contender))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader fromServer = reader(server);
                Writer toServer = server.outputWriter(StandardCharsets.UTF_8)) {
            String port = await(fromServer, "READY").split(" ", -1)[1];
            boolean ours = contender.startsWith("tsdash");
            String before = ours ? ask(toServer, fromServer) : "";
            Process crowd = new ProcessBuilder(java(
                            Crowd.class,
                            "-Xmx2g",
                            port,
                            Integer.toString(clients),
                            Integer.toString(SYMBOLS),
                            Integer.toString(EACH),
                            Integer.toString(WARM_SECONDS),
                            Integer.toString(seconds),
                            ours ? "tsdash" : "json"))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try (BufferedReader fromCrowd = reader(crowd)) {
                await(fromCrowd, "CONNECTED");
                await(fromCrowd, "BEGIN");
                double serverFrom = cpuSeconds(server);
                double crowdFrom = cpuSeconds(crowd);
                long from = System.nanoTime();
                await(fromCrowd, "END");
                double elapsed = (System.nanoTime() - from) / 1e9;
                double serverCpu = cpuSeconds(server) - serverFrom;
                double crowdCpu = cpuSeconds(crowd) - crowdFrom;
                String after = ours ? ask(toServer, fromServer) : "";
                String saw = await(fromCrowd, "SAW");
                print(contender, saw, elapsed, serverCpu, crowdCpu, rss(server), before, after);
            } finally {
                crowd.destroyForcibly();
            }
        } finally {
            server.destroy();
            if (!server.waitFor(10, TimeUnit.SECONDS)) {
                server.destroyForcibly();
            }
        }
    }

    private static void print(
            String contender,
            String saw,
            double elapsed,
            double serverCpu,
            double crowdCpu,
            long rssKilobytes,
            String before,
            String after) {
        double updates = number(saw, "frames") * number(saw, "updatesAFrame");
        System.out.printf(
                Locale.ROOT,
                "%-10s %,10.0f updates/s  %,11.0f updates/CPU-s  %,9.0f frames/s  %6.1f MB/s  CPU %.2f (clients %.2f)"
                        + "  lag p50 %.1f p99 %.1f max %.1f ms  gaps %.0f  closed %.0f  RSS %d MB%n",
                contender,
                updates / elapsed,
                updates / serverCpu,
                number(saw, "frames") / elapsed,
                number(saw, "bytes") / elapsed / 1e6,
                serverCpu / elapsed,
                crowdCpu / elapsed,
                number(saw, "p50"),
                number(saw, "p99"),
                number(saw, "max"),
                number(saw, "gaps"),
                number(saw, "closed"),
                rssKilobytes / 1024);
        if (!after.isEmpty()) {
            double connections = number(after, "connections");
            System.out.printf(
                    Locale.ROOT,
                    "           a connection: heap %,.0f B, direct %,.0f B;  %s%n",
                    (number(after, "heap") - number(before, "heap")) / connections,
                    (number(after, "direct") - number(before, "direct")) / connections,
                    after.substring(after.indexOf("conflated")));
        }
    }

    private static List<String> command(String contender) {
        String symbols = Integer.toString(SYMBOLS);
        String tick = Integer.toString(TICK_MILLIS);
        return switch (contender) {
            case "tsdash" -> java(TsdashContender.class, "-Xmx1g", symbols, tick);
            case "tsdash-measured" -> java(TsdashContender.class, "-Xmx1g", symbols, tick, "measured");
            case "undertow" -> java(UndertowContender.class, "-Xmx2g", symbols, tick);
            case "ws-each", "ws-batch" ->
                List.of(
                        "node",
                        "--max-old-space-size=4096",
                        System.getProperty("tsdash.rivals", "tsdash-benchmarks/rivals") + "/ws/server.mjs",
                        contender.substring("ws-".length()),
                        symbols,
                        tick);
            default -> throw new IllegalArgumentException("contender was '" + contender + "' but there is no such one");
        };
    }

    private static List<String> java(Class<?> main, String heap, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                heap,
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    private static String ask(Writer to, BufferedReader from) throws IOException {
        to.write("?\n");
        to.flush();
        return await(from, "connections=");
    }

    private static String await(BufferedReader from, String prefix) throws IOException {
        for (String line = from.readLine(); line != null; line = from.readLine()) {
            if (line.startsWith(prefix)) {
                return line;
            }
            System.err.println(line);
        }
        throw new IllegalStateException("a process ended before it said " + prefix);
    }

    private static BufferedReader reader(Process process) {
        return process.inputReader(StandardCharsets.UTF_8);
    }

    private static double number(String line, String name) {
        for (String each : line.split(" ", -1)) {
            if (each.startsWith(name + "=")) {
                return Double.parseDouble(each.substring(name.length() + 1));
            }
        }
        return Double.NaN;
    }

    private static double cpuSeconds(Process process) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_A_SECOND;
    }

    private static long rss(Process process) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElse(0);
    }
}
