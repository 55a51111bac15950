package io.tsdash.examples.cli;

import io.tsdash.model.Interval;
import io.tsdash.source.TapeReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tsdash bars}: tapes in, bars out. */
@Command(
        name = "bars",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Reads CSV tapes of trades, quotes or finer bars and writes their bars as CSV.",
            "Several tapes are read as one, in order of receive time. Trades and quotes may come late, twice,",
            "corrected or cancelled; what is not in a bar is counted at the end."
        })
@SuppressWarnings("NullAway.Init") // set by picocli
final class BarsCommand implements Callable<Integer> {
    private static final int PROGRESS_ROWS = 1 << 20;

    @Option(
            names = "--interval",
            required = true,
            converter = IntervalConverter.class,
            paramLabel = "INTERVAL",
            description = "Length of the bars: 1s, 5m, 1h, 5m/1m (hopping), 1d, 1d@America/New_York~1700, 1w.")
    private Interval interval;

    @Option(
            names = "--lateness",
            converter = DurationConverter.class,
            defaultValue = "5s",
            paramLabel = "TIME",
            description = "How far behind the newest of its symbol a row may be and still count (default: 5s).")
    private Duration lateness;

    @Option(
            names = "--of",
            defaultValue = "AUTO",
            paramLabel = "KIND",
            description = "What bars are made of: trades, quotes, or auto: trades if there are any (default: auto).")
    private BarsJob.Of of;

    @Option(names = "--output", paramLabel = "FILE", description = "Where to write (default: standard output).")
    private @Nullable Path output;

    @Option(names = "--quiet", description = "No progress and no summary on standard error.")
    private boolean quiet;

    @Parameters(paramLabel = "FILE", arity = "0..*", description = "Tapes, plain or gzip; - or none: standard input.")
    private List<String> files = List.of();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        BarsJob job = new BarsJob(interval, lateness, of);
        List<TapeReader> readers = new ArrayList<>();
        boolean withTradeCount = true;
        List<String> damages;
        try {
            for (String file : files.isEmpty() ? List.of("-") : files) {
                TapeReader reader =
                        file.equals("-") ? TapeReader.of(System.in, "standard input") : TapeReader.open(Path.of(file));
                readers.add(reader);
                withTradeCount &= !reader.holdsBars() || reader.holdsTradeCounts();
            }
            damages = job.read(readers, rows -> progress(err, rows));
        } finally {
            readers.forEach(TapeReader::close);
        }
        write(job, withTradeCount);
        if (!quiet) {
            job.summary().forEach(line -> err.println("tsdash bars: " + line));
        }
        damages.forEach(damage -> err.println("tsdash bars: " + damage));
        return damages.isEmpty() ? 0 : 1;
    }

    private void progress(PrintWriter err, long rows) {
        if (!quiet && rows % PROGRESS_ROWS == 0) {
            err.printf(Locale.ROOT, "tsdash bars: %,d rows read%n", rows);
            err.flush();
        }
    }

    private void write(BarsJob job, boolean withTradeCount) throws IOException {
        try (Writer out = output == null
                ? new BufferedWriter(spec.commandLine().getOut())
                : Files.newBufferedWriter(output, StandardCharsets.UTF_8)) {
            job.write(withTradeCount, line -> {
                try {
                    out.write(line);
                    out.write('\n');
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
