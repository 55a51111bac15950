package io.tsdash.aggregation;

import io.tsdash.model.Trade;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * The symbols of one partition and its watermark, which closes the windows of symbols that have gone quiet.
 *
 * <p>The watermark is the highest event time of the partition. It only says "closed": whether a trade still counts is
 * judged by its own symbol's clock, so a busy symbol never drops another's trades. While the whole partition is idle,
 * the watermark goes on with wall time. Single-threaded.
 */
final class PartitionWindows<P extends PartialAggregate<P>> {
    private static final StateKey PARTITION_KEY = new StateKey("", StateKey.PARTITION, 0, 0);

    private final WindowSpec spec;
    private final Function<String, SymbolWindows<P>> newSymbol;
    private final Map<String, SymbolWindows<P>> symbols = new HashMap<>();
    private final ArrayList<SymbolWindows<P>> toFlush = new ArrayList<>();
    private final ArrayList<SymbolWindows<P>> toSave = new ArrayList<>();

    private long watermarkNanos = Long.MIN_VALUE;
    private long nextCloseNanos = Long.MAX_VALUE; // no window of any symbol ends before this
    private boolean tradedSinceTick;
    private long lastActiveMonotonicNanos;
    private long watermarkWhenIdleNanos;
    private long watermarkSavedNanos = Long.MIN_VALUE;
    private boolean settingsSaved;

    PartitionWindows(WindowSpec spec, Function<String, SymbolWindows<P>> newSymbol) {
        this.spec = spec;
        this.newSymbol = newSymbol;
    }

    Outcome add(Trade trade) {
        SymbolWindows<P> windows = symbol(trade.symbol());
        Outcome outcome = windows.add(trade);
        tradedSinceTick = true;
        if (windows.queueForFlush()) {
            toFlush.add(windows);
        }
        changed(windows);
        nextCloseNanos = Math.min(nextCloseNanos, windows.nextCloseNanos());
        if (outcome != Outcome.TOO_LATE && trade.eventTimeNanos() > watermarkNanos) {
            advanceTo(trade.eventTimeNanos());
        }
        return outcome;
    }

    SymbolWindows<P> symbol(String symbol) {
        SymbolWindows<P> windows = symbols.get(symbol);
        if (windows == null) {
            windows = newSymbol.apply(symbol);
            symbols.put(symbol, windows);
        }
        return windows;
    }

    /** Starts a window of this symbol from what was kept elsewhere. */
    void restore(String symbol, int interval, long openNanos, P base, int revision, boolean closed) {
        SymbolWindows<P> windows = symbol(symbol);
        windows.restore(interval, openNanos, base, revision, closed);
        changed(windows);
        nextCloseNanos = Math.min(nextCloseNanos, windows.nextCloseNanos());
    }

    /** Moves the watermark; it never goes back. */
    void advanceTo(long eventTimeNanos) {
        if (eventTimeNanos <= watermarkNanos) {
            return;
        }
        watermarkNanos = eventTimeNanos;
        if (watermarkNanos - spec.closeDelayNanos() < nextCloseNanos) {
            return;
        }
        long next = Long.MAX_VALUE;
        for (SymbolWindows<P> windows : symbols.values()) {
            if (windows.nextCloseNanos() <= watermarkNanos) {
                windows.advanceTo(watermarkNanos);
                changed(windows);
            }
            next = Math.min(next, windows.nextCloseNanos());
        }
        nextCloseNanos = next;
    }

    /** Called now and then with a clock for durations: an idle partition's watermark goes on with it. */
    void advanceIdle(long monotonicNanos) {
        if (tradedSinceTick || watermarkNanos == Long.MIN_VALUE) {
            tradedSinceTick = false;
            lastActiveMonotonicNanos = monotonicNanos;
            watermarkWhenIdleNanos = watermarkNanos;
            return;
        }
        long idleNanos = monotonicNanos - lastActiveMonotonicNanos - spec.idleTimeoutNanos();
        if (idleNanos > 0) {
            advanceTo(watermarkWhenIdleNanos + idleNanos);
        }
    }

    void flush() {
        for (int i = 0; i < toFlush.size(); i++) {
            toFlush.get(i).flush();
            changed(toFlush.get(i));
        }
        toFlush.clear();
    }

    /** Writes what changed since the last save. */
    void save(String settings, StatePieces pieces) {
        if (!settingsSaved) {
            pieces.put(LoadedPieces.settingsKey().bytes(), settings.getBytes(StandardCharsets.UTF_8));
            settingsSaved = true;
        }
        if (watermarkNanos != watermarkSavedNanos) {
            pieces.put(
                    PARTITION_KEY.bytes(),
                    ByteBuffer.allocate(Long.BYTES).putLong(watermarkNanos).array());
            watermarkSavedNanos = watermarkNanos;
        }
        toSave.forEach(windows -> windows.save(pieces));
        toSave.clear();
    }

    /** Goes on from what was saved. */
    void load(String settings, StatePieces kept) {
        LoadedPieces pieces = new LoadedPieces(kept, settings);
        if (pieces.isEmpty()) {
            return;
        }
        settingsSaved = true;
        byte[] partition = pieces.partition().get(PARTITION_KEY);
        if (partition != null) {
            watermarkNanos = ByteBuffer.wrap(partition).getLong();
            watermarkSavedNanos = watermarkNanos;
            tradedSinceTick = true; // idleness is counted from now on
        }
        for (String name : pieces.symbols()) {
            SymbolWindows<P> windows = symbol(name);
            windows.load(pieces.of(name));
            nextCloseNanos = Math.min(nextCloseNanos, windows.nextCloseNanos());
            if (windows.isUnflushed() && windows.queueForFlush()) {
                toFlush.add(windows);
            }
        }
    }

    private void changed(SymbolWindows<P> windows) {
        if (windows.queueForSave()) {
            toSave.add(windows);
        }
    }

    void closeAll() {
        symbols.values().forEach(windows -> {
            windows.closeAll();
            changed(windows);
        });
        flush();
        nextCloseNanos = Long.MAX_VALUE;
    }
}
