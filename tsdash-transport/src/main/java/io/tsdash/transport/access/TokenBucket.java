package io.tsdash.transport.access;

/** Lets so many pass a second, and some more at once after a pause. Time is an argument. Single-threaded. */
final class TokenBucket {
    private static final double NANOS_PER_SECOND = 1e9;

    private double perSecond;
    private int atOnce;
    private double tokens;
    private long filledNanos;

    TokenBucket(Quotas quotas, long nowNanos) {
        perSecond = quotas.messagesPerSecond();
        atOnce = quotas.messagesAtOnce();
        tokens = atOnce;
        filledNanos = nowNanos;
    }

    /** Goes on with other bounds; what is in it stays, as far as it fits. */
    void resize(Quotas quotas, long nowNanos) {
        fill(nowNanos);
        perSecond = quotas.messagesPerSecond();
        atOnce = quotas.messagesAtOnce();
        tokens = Math.min(tokens, atOnce);
    }

    boolean take(long nowNanos) {
        fill(nowNanos);
        if (tokens < 1) {
            return false;
        }
        tokens -= 1;
        return true;
    }

    boolean isFull(long nowNanos) {
        fill(nowNanos);
        return tokens >= atOnce;
    }

    private void fill(long nowNanos) {
        long passed = Math.max(0, nowNanos - filledNanos);
        tokens = Math.min(atOnce, tokens + passed * perSecond / NANOS_PER_SECOND);
        filledNanos = nowNanos;
    }
}
