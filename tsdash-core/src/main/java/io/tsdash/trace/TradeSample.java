package io.tsdash.trace;

import io.tsdash.error.ConfigurationException;
import java.util.ArrayList;
import java.util.List;

/**
 * Which trades are followed: a share of them, and no more than so many a second of those that begin here. The share keeps a quiet
 * market's traces few; the bound keeps what they cost the same in its busiest minute.
 *
 * @param share of the trades, 0 to 1
 * @param perSecondMax how many may begin in a second, 1 to {@value #PER_SECOND_MOST}
 */
public record TradeSample(double share, int perSecondMax) {
    /** The most that may begin in a second. */
    public static final int PER_SECOND_MOST = 1_000_000;

    /** @throws ConfigurationException with everything that is out of its range */
    public TradeSample {
        List<String> problems = new ArrayList<>();
        if (!(share >= 0 && share <= 1)) {
            problems.add("share was '" + share + "' but it must be 0 to 1");
        }
        if (perSecondMax < 1 || perSecondMax > PER_SECOND_MOST) {
            problems.add("perSecondMax was '" + perSecondMax + "' but it must be 1 to " + PER_SECOND_MOST);
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }
}
