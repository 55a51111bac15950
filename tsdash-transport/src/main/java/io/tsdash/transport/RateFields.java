package io.tsdash.transport;

import io.tsdash.resilience.RateDecision;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** How a limit stands, as header fields of an answer: draft-ietf-httpapi-ratelimit-headers-10, and RFC 9110 for Retry-After. */
final class RateFields {
    /** The largest integer of a structured field (RFC 9651). */
    private static final long INTEGER_MAX = 999_999_999_999_999L;

    private RateFields() {}

    static Map<String, String> of(RateDecision decision) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("ratelimit-policy", "\"requests\";q=" + Math.min(INTEGER_MAX, decision.limit()));
        fields.put(
                "ratelimit",
                "\"requests\";r=" + Math.min(INTEGER_MAX, decision.remaining()) + ";t="
                        + seconds(decision.resetNanos()));
        if (!decision.allowed()) {
            fields.put("retry-after", String.valueOf(Math.max(1, seconds(decision.waitNanos()))));
        }
        return fields;
    }

    private static long seconds(long nanos) {
        long second = TimeUnit.SECONDS.toNanos(1);
        return nanos / second + (nanos % second == 0 ? 0 : 1);
    }
}
