package io.tsdash.kafka.format;

import io.tsdash.error.InvalidInputException;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What bars and volume profiles have in common: their interval and state. */
final class Windows {
    private static final int INTERVALS_KEPT_MAX = 256;
    private static final Map<String, Interval> INTERVALS = new ConcurrentHashMap<>();

    private Windows() {}

    /** Reads an interval; those met before are kept, because each record repeats one of a few. */
    static Interval interval(Fields fields, int number, String text) {
        Interval known = INTERVALS.get(text);
        if (known != null) {
            return known;
        }
        try {
            Interval interval = Interval.parse(text);
            if (INTERVALS.size() < INTERVALS_KEPT_MAX) {
                INTERVALS.put(text, interval);
            }
            return interval;
        } catch (InvalidInputException e) {
            throw new InvalidInputException(fields.record() + "." + fields.name(number) + ": " + e.getMessage());
        }
    }

    static BarState state(Fields fields, int number, String text) {
        return switch (text) {
            case "OPEN" -> BarState.OPEN;
            case "CLOSED" -> BarState.CLOSED;
            case "REVISED" -> BarState.REVISED;
            default -> throw fields.refused(number, text, "must be OPEN, CLOSED or REVISED");
        };
    }
}
