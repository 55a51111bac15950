package io.tsdash.examples.feeds;

import io.tsdash.examples.RecordedData;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/**
 * What an exchange once sent.
 *
 * @param startNanos when the first frame came, nanoseconds since the epoch
 * @param frames what came, in order
 */
record Capture(long startNanos, List<String> frames) {
    private static final Pattern RECEIVED_NANOS = Pattern.compile("(\\d{19}) (.*)");
    private static final Pattern RECEIVED_SECONDS = Pattern.compile("(\\d{10}\\.\\d+): (.*)");

    static Capture of(String file) {
        List<String> frames = new ArrayList<>();
        long start = 0;
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(RecordedData.file(file))), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Matcher nanos = RECEIVED_NANOS.matcher(line);
                Matcher seconds = RECEIVED_SECONDS.matcher(line);
                if (nanos.matches()) {
                    start = start == 0 ? Long.parseLong(nanos.group(1)) : start;
                    frames.add(nanos.group(2));
                } else if (seconds.matches()) {
                    start = start == 0
                            ? new BigDecimal(seconds.group(1)).movePointRight(9).longValue()
                            : start;
                    frames.add(seconds.group(2));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Capture(start, frames);
    }

    /** Returns all of these captures as if they had come over one connection, one after another. */
    Capture and(Capture other) {
        List<String> all = new ArrayList<>(frames);
        all.addAll(other.frames);
        return new Capture(Math.min(startNanos, other.startNanos), all);
    }

    /** Returns the frames in which the pattern is found. */
    List<String> with(String pattern) {
        Pattern compiled = Pattern.compile(pattern);
        return frames.stream().filter(frame -> compiled.matcher(frame).find()).toList();
    }

    /** Returns the number after a field's name. */
    static long number(String frame, String field) {
        Matcher matcher = Pattern.compile("\"" + field + "\":\"?(\\d+)").matcher(frame);
        if (!matcher.find()) {
            throw new AssertionError("no " + field + " in " + frame);
        }
        return Long.parseLong(matcher.group(1));
    }

    /** Returns the text after a field's name. */
    static String text(String frame, String field) {
        Matcher matcher = Pattern.compile("\"" + field + "\":\"?([^\",}]+)").matcher(frame);
        if (!matcher.find()) {
            throw new AssertionError("no " + field + " in " + frame);
        }
        return matcher.group(1);
    }
}
