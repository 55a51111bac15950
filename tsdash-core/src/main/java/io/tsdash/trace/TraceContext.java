package io.tsdash.trace;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names a span, so that a step elsewhere can go on from it; its text form is the {@code traceparent} of W3C Trace Context, level
 * 1. Immutable.
 *
 * @param traceId 32 lower-case hexadecimal digits; empty for none
 * @param spanId 16 lower-case hexadecimal digits; empty for none
 * @param sampled whether the trace is recorded
 */
public record TraceContext(String traceId, String spanId, boolean sampled) {
    /** No span. */
    public static final TraceContext NONE = new TraceContext("", "", false);

    /** Longer than any version's text need be. */
    private static final int TEXT_MAX = 256;

    // A version above 00 may have more after the flags (section 3.2.4 of the recommendation).
    private static final Pattern TEXT =
            Pattern.compile("(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");

    /** Returns what a {@code traceparent} names; {@link #NONE} if it is none, as the recommendation has it. */
    public static TraceContext parse(String traceparent) {
        if (traceparent.length() > TEXT_MAX) {
            return NONE;
        }
        Matcher text = TEXT.matcher(traceparent.strip());
        if (!text.matches() || (text.group(1).equals("00") && text.group(5) != null)) {
            return NONE;
        }
        boolean sampled = (Integer.parseInt(text.group(4), 16) & 1) != 0;
        return new TraceContext(text.group(2), text.group(3), sampled);
    }

    /** Returns whether it names a span. */
    public boolean isPresent() {
        return !traceId.isEmpty();
    }

    /** Returns it as a {@code traceparent}; empty when it names no span. */
    public String traceparent() {
        return isPresent() ? "00-" + traceId + '-' + spanId + (sampled ? "-01" : "-00") : "";
    }
}
