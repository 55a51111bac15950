package io.tsdash.model;

import io.tsdash.error.InvalidInputException;
import java.time.Duration;

/** Windows of one length, starting at multiples of the advance since the epoch. */
record FixedInterval(long sizeNanos, long advanceNanos) implements Interval {
    private static final Duration SIZE_MAX = Duration.ofDays(366);

    static FixedInterval of(Duration size, Duration advance) {
        if (size.isNegative() || size.isZero() || size.compareTo(SIZE_MAX) > 0) {
            throw InvalidInputException.of("interval size", size, "must be positive and at most " + SIZE_MAX);
        }
        if (advance.isNegative() || advance.isZero() || advance.compareTo(size) > 0) {
            throw InvalidInputException.of("interval advance", advance, "must be positive and at most size " + size);
        }
        if (size.toNanos() % advance.toNanos() != 0) {
            throw InvalidInputException.of("interval advance", advance, "must divide size " + size);
        }
        return new FixedInterval(size.toNanos(), advance.toNanos());
    }

    @Override
    public long openTimeNanos(long eventTimeNanos) {
        return eventTimeNanos - Math.floorMod(eventTimeNanos, advanceNanos);
    }

    @Override
    public long closeTimeNanos(long openTimeNanos) {
        return openTimeNanos + sizeNanos;
    }

    @Override
    public long previousOpenTimeNanos(long openTimeNanos) {
        return openTimeNanos - advanceNanos;
    }

    @Override
    public boolean isHopping() {
        return advanceNanos != sizeNanos;
    }

    @Override
    public long gridNanos() {
        return advanceNanos;
    }

    @Override
    public Duration size() {
        return Duration.ofNanos(sizeNanos);
    }

    @Override
    public String text() {
        String size = IntervalText.length(sizeNanos);
        return isHopping() ? size + "/" + IntervalText.length(advanceNanos) : size;
    }

    @Override
    public String toString() {
        return text();
    }
}
