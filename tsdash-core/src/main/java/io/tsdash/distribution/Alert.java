package io.tsdash.distribution;

/**
 * Something that people should look at; a row of the channel {@code alerts}.
 *
 * @param timeNanos when, nanoseconds since the epoch
 * @param severity how bad
 * @param code for programs
 * @param text for people
 */
public record Alert(long timeNanos, Severity severity, String code, String text) {

    /** How bad it is. */
    public enum Severity {
        /** Good to know. */
        INFO,
        /** Something is not as it should be. */
        WARNING,
        /** Data is missing or wrong. */
        CRITICAL
    }
}
