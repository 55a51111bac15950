package io.tsdash.examples.cli;

import io.tsdash.error.InvalidInputException;
import io.tsdash.model.Interval;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the text form of intervals. */
final class IntervalConverter implements ITypeConverter<Interval> {

    @Override
    public Interval convert(String text) {
        try {
            return Interval.parse(text);
        } catch (InvalidInputException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}
