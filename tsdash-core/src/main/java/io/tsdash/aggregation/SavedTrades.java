package io.tsdash.aggregation;

import java.nio.ByteBuffer;

/**
 * The trades of one stretch of a symbol's time, as pieces of state: in chunks, so that trades that come in order rewrite
 * the last one only. Single-threaded.
 */
final class SavedTrades {
    private static final int CHUNK = 256; // trades; a chunk is ten kilobytes at most
    private static final int TRADE_BYTES = 4 * Long.BYTES + Integer.BYTES + 1;

    private int chunks; // as they are kept
    private long unsavedFromNanos = Long.MAX_VALUE;

    /** Starts a stretch that nothing is kept of. */
    void reset() {
        chunks = 0;
        unsavedFromNanos = Long.MAX_VALUE;
    }

    /** Says that a trade of this time was added or changed. */
    void changed(long eventTimeNanos) {
        unsavedFromNanos = Math.min(unsavedFromNanos, eventTimeNanos);
    }

    /** Says that all must be written again. */
    void changedWhole() {
        unsavedFromNanos = Long.MIN_VALUE;
    }

    boolean isUnsaved() {
        return unsavedFromNanos != Long.MAX_VALUE;
    }

    int chunks() {
        return chunks;
    }

    void setChunks(int kept) {
        chunks = kept;
    }

    /** Writes the chunks of {@code [start, end)} that changed. */
    void save(String symbol, TradeLog log, long startNanos, long endNanos, StatePieces pieces) {
        if (!isUnsaved()) {
            return;
        }
        int first = log.lowerBound(startNanos, Long.MIN_VALUE);
        int end = log.lowerBound(endNanos, Long.MIN_VALUE);
        int changed = Math.max(first, log.lowerBound(unsavedFromNanos, Long.MIN_VALUE));
        int needed = (end - first + CHUNK - 1) / CHUNK;
        for (int chunk = (changed - first) / CHUNK; chunk < needed; chunk++) {
            int from = first + chunk * CHUNK;
            pieces.put(key(symbol, startNanos, chunk), write(log, from, Math.min(end, from + CHUNK)));
        }
        for (int chunk = needed; chunk < chunks; chunk++) {
            pieces.delete(key(symbol, startNanos, chunk));
        }
        chunks = needed;
        unsavedFromNanos = Long.MAX_VALUE;
    }

    /** Forgets all that is kept. */
    void delete(String symbol, long startNanos, StatePieces pieces) {
        for (int chunk = 0; chunk < chunks; chunk++) {
            pieces.delete(key(symbol, startNanos, chunk));
        }
        reset();
    }

    /** Adds the trades of a chunk from a time on; chunks must come in order of their keys. */
    static void load(byte[] piece, TradeLog log, long fromNanos) {
        ByteBuffer in = ByteBuffer.wrap(piece);
        while (in.hasRemaining()) {
            long time = in.getLong();
            long sequence = in.getLong();
            double price = in.getDouble();
            double volume = in.getDouble();
            int version = in.getInt();
            int flags = in.get();
            if (time >= fromNanos) {
                log.append(time, sequence, price, volume, version, flags);
            }
        }
    }

    private static byte[] write(TradeLog log, int from, int to) {
        ByteBuffer out = ByteBuffer.allocate((to - from) * TRADE_BYTES);
        for (int i = from; i < to; i++) {
            out.putLong(log.eventTimeNanos(i)).putLong(log.sequence(i));
            out.putDouble(log.price(i)).putDouble(log.volume(i));
            out.putInt(log.version(i)).put((byte) log.flags(i));
        }
        return out.array();
    }

    private static byte[] key(String symbol, long startNanos, int chunk) {
        return new StateKey(symbol, StateKey.TRADES, startNanos, chunk).bytes();
    }
}
