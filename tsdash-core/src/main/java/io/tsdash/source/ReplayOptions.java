package io.tsdash.source;

import io.tsdash.error.ConfigurationException;
import java.util.List;

/**
 * How tapes are replayed.
 *
 * @param speed times the speed at which they were recorded; 0 for as fast as the listener takes it
 * @param restamp whether all times are shifted so that the first row is received now. The shift is one and the same for
 *     all rows, so at a speed above 1 the times run ahead of the clock
 */
public record ReplayOptions(double speed, boolean restamp) {

    /** @throws ConfigurationException if the speed is negative or not finite */
    public ReplayOptions {
        if (!Double.isFinite(speed) || speed < 0) {
            throw new ConfigurationException(
                    List.of("speed was '" + speed + "' but it must be 0 (as fast as possible) or more"));
        }
    }

    /** Returns recorded times at this speed. */
    public static ReplayOptions atSpeed(double speed) {
        return new ReplayOptions(speed, false);
    }
}
