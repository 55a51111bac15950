package io.tsdash.transport;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.tsdash.model.Interval;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The parameters of a request, each checked as it is read. Immutable. */
final class Query {
    static final int LIMIT_DEFAULT = 1_000;
    static final int LIMIT_MAX = 10_000;

    private static final Pattern DIGITS = Pattern.compile("\\d{1,19}");
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final String path;
    private final Map<String, List<String>> parameters;

    private Query(String path, Map<String, List<String>> parameters) {
        this.path = path;
        this.parameters = parameters;
    }

    /**
     * Reads a request's target.
     *
     * @throws ProblemException if it is not well encoded or a parameter stands twice
     */
    static Query of(String uri) {
        try {
            QueryStringDecoder decoder = new QueryStringDecoder(uri);
            Map<String, List<String>> parameters = decoder.parameters();
            parameters.forEach((name, values) -> {
                if (values.size() > 1) {
                    throw ProblemException.badRequest(name + " stood more than once but it must stand once");
                }
            });
            return new Query(decoder.path(), parameters);
        } catch (IllegalArgumentException e) {
            throw ProblemException.badRequest("the address was not well encoded: " + e.getMessage());
        }
    }

    String path() {
        return path;
    }

    /** Refuses parameters other than these, so that a misspelt one does not go unseen. */
    Query only(String... names) {
        TreeSet<String> known = new TreeSet<>(List.of(names));
        for (String name : parameters.keySet()) {
            if (!known.contains(name)) {
                throw ProblemException.badRequest("parameter was '" + name + "' but it must be one of " + known);
            }
        }
        return this;
    }

    Optional<String> text(String name) {
        List<String> values = parameters.get(name);
        return values == null || values.get(0).isEmpty() ? Optional.empty() : Optional.of(values.get(0));
    }

    String required(String name) {
        return text(name).orElseThrow(() -> ProblemException.badRequest(name + " was missing but it is needed"));
    }

    Interval interval() {
        return Interval.parse(required("interval"));
    }

    int limit() {
        return (int) integer("limit", LIMIT_DEFAULT, 1, LIMIT_MAX);
    }

    long integer(String name, long otherwise, long min, long max) {
        String text = text(name).orElse("");
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            long value = Long.parseLong(text);
            if (value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // No number or out of range: the same rule is broken.
        }
        throw ProblemException.badRequest(
                name + " was '" + text + "' but it must be an integer from " + min + " to " + max);
    }

    /** Reads a positive price step. */
    double positive(String name) {
        String text = required(name);
        try {
            double value = Double.parseDouble(text);
            if (Double.isFinite(value) && value > 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            // The same rule is broken.
        }
        throw ProblemException.badRequest(name + " was '" + text + "' but it must be a number above 0");
    }

    /** Reads a length like {@code 30s}. */
    Duration length(String name, String otherwise) {
        Interval interval = Interval.parse(text(name).orElse(otherwise));
        return interval.size();
    }

    /** Reads a time in nanoseconds since the epoch or ISO-8601. */
    Optional<Long> time(String name) {
        return text(name).map(text -> {
            try {
                if (DIGITS.matcher(text).matches()) {
                    return Long.parseLong(text);
                }
                Instant instant = Instant.parse(text);
                return Math.addExact(
                        Math.multiplyExact(instant.getEpochSecond(), NANOS_PER_SECOND), (long) instant.getNano());
            } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
                throw ProblemException.badRequest(name + " was '" + text
                        + "' but it must be nanoseconds since 1970 or a time like 2024-08-08T23:54:14Z");
            }
        });
    }
}
