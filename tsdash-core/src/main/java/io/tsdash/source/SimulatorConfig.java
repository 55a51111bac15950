package io.tsdash.source;

import io.tsdash.error.ConfigurationException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a simulated market is like.
 *
 * @param seed the same seed, configuration and start time give the same events
 * @param symbols how many symbols, without the test symbol
 * @param eventsPerSecond trades and quotes a second of event time, on average, outside of bursts
 * @param speed times real time; 0 for as fast as the listener takes it, with event time running ahead of the clock
 * @param eventsMax ends after so many events; 0 for never
 * @param quoteShare share of quotes among the events, 0 to 1
 * @param outOfOrderShare share of trades that come up to 100 ms later than their neighbours
 * @param lateShare share of trades that come up to {@code latenessMax} late
 * @param latenessMax bound of all delays, those of duplicates, corrections and cancels included
 * @param duplicateShare share of trades that come twice
 * @param correctionShare share of trades that are corrected later
 * @param cancelShare share of trades that are taken back later
 * @param sessions whether shares trade in New York's hours only (Mon to Fri, 9:30 to 16:00) rather than always
 */
public record SimulatorConfig(
        long seed,
        int symbols,
        double eventsPerSecond,
        double speed,
        long eventsMax,
        double quoteShare,
        double outOfOrderShare,
        double lateShare,
        Duration latenessMax,
        double duplicateShare,
        double correctionShare,
        double cancelShare,
        boolean sessions) {

    /** Returns a builder whose defaults make a lively, well-behaved market of 50 symbols in real time. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects the settings; {@link #build} checks them all. Single-threaded. */
    public static final class Builder {
        private static final int SYMBOLS_MAX = 10_000;
        private static final double EVENTS_PER_SECOND_MAX = 1e9;
        private static final double HOUR_SECONDS = 3_600;

        private long seed = 1;
        private int symbols = 50;
        private double eventsPerSecond = 1_000;
        private double speed = 1;
        private long eventsMax;
        private double quoteShare = 0.6;
        private double outOfOrderShare;
        private double lateShare;
        private Duration latenessMax = Duration.ofSeconds(2);
        private double duplicateShare;
        private double correctionShare;
        private double cancelShare;
        private boolean sessions;

        private Builder() {}

        /** Sets the seed; 1 unless set. */
        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /** Sets how many symbols, 1 to 10,000; 50 unless set. */
        public Builder symbols(int value) {
            symbols = value;
            return this;
        }

        /** Sets trades and quotes a second, above 0; 1,000 unless set. */
        public Builder eventsPerSecond(double value) {
            eventsPerSecond = value;
            return this;
        }

        /** Sets times real time, 0 for as fast as possible; 1 unless set. */
        public Builder speed(double value) {
            speed = value;
            return this;
        }

        /** Sets after how many events it ends; 0, for never, unless set. */
        public Builder eventsMax(long value) {
            eventsMax = value;
            return this;
        }

        /** Sets the share of quotes; 0.6 unless set. */
        public Builder quoteShare(double value) {
            quoteShare = value;
            return this;
        }

        /** Sets the share of trades up to 100 ms out of order; 0 unless set. */
        public Builder outOfOrderShare(double value) {
            outOfOrderShare = value;
            return this;
        }

        /** Sets the share of late trades; 0 unless set. */
        public Builder lateShare(double value) {
            lateShare = value;
            return this;
        }

        /** Sets the bound of lateness, up to an hour; 2 s unless set. */
        public Builder latenessMax(Duration value) {
            latenessMax = value;
            return this;
        }

        /** Sets the share of duplicates; 0 unless set. */
        public Builder duplicateShare(double value) {
            duplicateShare = value;
            return this;
        }

        /** Sets the share of corrected trades; 0 unless set. */
        public Builder correctionShare(double value) {
            correctionShare = value;
            return this;
        }

        /** Sets the share of cancelled trades; 0 unless set. */
        public Builder cancelShare(double value) {
            cancelShare = value;
            return this;
        }

        /** Sets whether shares trade in their session only; false unless set. */
        public Builder sessions(boolean value) {
            sessions = value;
            return this;
        }

        /** @throws ConfigurationException with everything that is wrong */
        public SimulatorConfig build() {
            List<String> problems = new ArrayList<>();
            within(problems, "symbols", symbols, 1, SYMBOLS_MAX);
            within(problems, "eventsPerSecond", eventsPerSecond, 1, EVENTS_PER_SECOND_MAX);
            within(problems, "speed", speed, 0, EVENTS_PER_SECOND_MAX);
            if (eventsMax < 0) {
                problems.add("eventsMax was '" + eventsMax + "' but it must not be negative");
            }
            within(problems, "quoteShare", quoteShare, 0, 1);
            within(problems, "outOfOrderShare", outOfOrderShare, 0, 1);
            within(problems, "lateShare", lateShare, 0, 1);
            within(problems, "latenessMax in seconds", latenessMax.toNanos() / 1e9, 0, HOUR_SECONDS);
            within(problems, "duplicateShare", duplicateShare, 0, 1);
            within(problems, "correctionShare", correctionShare, 0, 1);
            within(problems, "cancelShare", cancelShare, 0, 1);
            if (!problems.isEmpty()) {
                throw new ConfigurationException(problems);
            }
            return new SimulatorConfig(
                    seed,
                    symbols,
                    eventsPerSecond,
                    speed,
                    eventsMax,
                    quoteShare,
                    outOfOrderShare,
                    lateShare,
                    latenessMax,
                    duplicateShare,
                    correctionShare,
                    cancelShare,
                    sessions);
        }

        private static void within(List<String> problems, String option, double value, double min, double max) {
            boolean good = value >= min && value <= max;
            if (!good) {
                problems.add(option + " was '" + value + "' but it must be from " + min + " to " + max);
            }
        }
    }
}
