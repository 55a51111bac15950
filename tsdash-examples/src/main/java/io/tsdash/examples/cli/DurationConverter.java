package io.tsdash.examples.cli;

import io.tsdash.error.InvalidInputException;
import io.tsdash.model.Interval;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads durations such as {@code 5s}, {@code 500ms}, {@code 1h}; {@code 0s} is none. */
final class DurationConverter implements ITypeConverter<Duration> {

    @Override
    public Duration convert(String text) {
        if (text.matches("0+(ns|us|ms|s|m|h)?")) {
            return Duration.ZERO;
        }
        try {
            Interval interval = Interval.parse(text);
            if (!interval.isHopping()) {
                return interval.size();
            }
        } catch (InvalidInputException e) {
            // told below: the rule for a duration is not that for an interval
        }
        throw new TypeConversionException("'" + text + "' is no time like 5s, 500ms or 1h");
    }
}
