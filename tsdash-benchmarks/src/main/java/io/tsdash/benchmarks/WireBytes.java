package io.tsdash.benchmarks;

import io.tsdash.distribution.Hub;
import io.tsdash.distribution.MarketChannels;
import io.tsdash.distribution.SubscribeCommand;
import io.tsdash.model.MarketEvent;
import io.tsdash.source.TapeReader;
import io.tsdash.source.TapeRow;
import io.tsdash.testkit.ManualTimeSource;
import io.tsdash.transport.WireCodec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Bytes on a WebSocket, its headers in, for the same updates in each form: a recorded tape goes through a hub on the
 * tape's own clock, and one session a form takes what comes.
 *
 * <p>Arguments: the tape, channels ({@code prices:*}), milliseconds between flushes (100; 0: one by one).
 */
public final class WireBytes {
    private WireBytes() {}

    /** Runs it and prints a table. */
    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length < 1) {
            System.err.println("usage: scripts/bench WireBytes TAPE [CHANNELS [INTERVAL_MILLIS]]");
            System.exit(2);
        }
        String channels = arguments.length > 1 ? arguments[1] : "prices:*";
        int intervalMillis = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 100;
        measure(Path.of(arguments[0]), channels, intervalMillis);
    }

    private static void measure(Path tape, String channels, int intervalMillis) throws InterruptedException {
        try (TapeReader reader = TapeReader.open(tape)) {
            TapeRow row = reader.next();
            if (row == null) {
                throw new IllegalArgumentException(tape + " is empty");
            }
            ManualTimeSource time = new ManualTimeSource(event(row).eventTimeNanos());
            Hub hub = Hub.builder()
                    .time(time)
                    .epoch("k3f9x2")
                    .queueBytesMax(Integer.MAX_VALUE)
                    .heartbeat(Duration.ofDays(2))
                    .build();
            MarketChannels market =
                    MarketChannels.builder(hub).tradesKept(4_096).build();
            List<CountingOutput> outputs = open(hub, channels, intervalMillis);
            long events = 0;
            long step = Math.max(1, intervalMillis) * 1_000_000L;
            for (; row != null; row = reader.next()) {
                MarketEvent event = event(row);
                long ahead = event.eventTimeNanos() - time.epochNanos();
                // Flushes fall between events: each lies where a clock of so many milliseconds would put it.
                for (; ahead > 0; ahead -= step) {
                    time.advance(Duration.ofNanos(Math.min(ahead, step)));
                    while (hub.doWork() > 0) {
                        // Until all that is due was sent.
                    }
                }
                market.events("tape", List.of(event));
                while (intervalMillis == 0 && hub.doWork() > 0) {
                    // Until the one event was sent.
                }
                hub.doWork();
                events++;
            }
            time.advance(Duration.ofSeconds(1));
            while (hub.doWork() > 0) {
                // Until the last was sent.
            }
            hub.close();
            print(tape, channels, intervalMillis, events, outputs);
        }
    }

    private static MarketEvent event(TapeRow row) {
        if (row instanceof TapeRow.OfEvent event) {
            return event.event();
        }
        throw new IllegalArgumentException("the tape must hold trades and quotes");
    }

    private static List<CountingOutput> open(Hub hub, String channels, int intervalMillis) {
        List<CountingOutput> outputs = new ArrayList<>();
        outputs.add(new CountingOutput("JSON, whole rows alone", WholeRows.alone()));
        outputs.add(new CountingOutput("JSON snapshot", WholeRows.inMessages()));
        for (WireCodec codec : WireCodec.all()) {
            String name = codec.subprotocol().substring("tsdash.v1.".length());
            outputs.add(new CountingOutput(name.equals("json") ? "JSON delta" : name, codec.encoder()));
        }
        for (CountingOutput output : outputs) {
            hub.open(output, output.codec(), Set.of("prices", "trades", "bars"))
                    .accept(new SubscribeCommand(1, List.of(channels.split(",", -1)), intervalMillis, Map.of(), ""));
        }
        return outputs;
    }

    private static void print(
            Path tape, String channels, int intervalMillis, long events, List<CountingOutput> outputs) {
        CountingOutput snapshot = outputs.get(1);
        System.out.printf(
                Locale.ROOT,
                "%s, %s, %s: %,d events, %,d updates delivered in %,d frames%n",
                tape.getFileName(),
                channels,
                intervalMillis == 0 ? "one by one" : "flushes of " + intervalMillis + " ms",
                events,
                WholeRows.rows(),
                snapshot.frames());
        System.out.printf(
                Locale.ROOT,
                "%-24s %14s %9s %8s | %14s %8s | %14s %8s%n",
                "form",
                "bytes",
                "an update",
                "1/n",
                "deflated",
                "1/n",
                "with context",
                "1/n");
        for (CountingOutput output : outputs) {
            System.out.printf(
                    Locale.ROOT,
                    "%-24s %,14d %9.1f %8.1f | %,14d %8.1f | %,14d %8.1f%n",
                    output.name(),
                    output.plain(),
                    (double) output.plain() / WholeRows.rows(),
                    (double) snapshot.plain() / output.plain(),
                    output.deflated(),
                    (double) snapshot.plain() / output.deflated(),
                    output.deflatedWithContext(),
                    (double) snapshot.plain() / output.deflatedWithContext());
        }
    }
}
