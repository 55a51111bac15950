package io.tsdash.aggregation;

import io.tsdash.error.InvalidInputException;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The windows of one symbol: the core of the aggregation.
 *
 * <p>Time is cut into panes of at most a second. A trade is folded into its pane only, once, however many intervals
 * there are. A pane stays, with its trades, as long as a trade, a cancel or a correction may still come for it: until
 * the symbol's clock is past its end by the lateness bound. Then it settles: its summary is merged into the windows that
 * hold it, and its trades are forgotten. A window is therefore always
 *
 * <pre>settled panes ⊕ panes that may still change</pre>
 *
 * <p>so a late trade is one more fold, and only a cancel or a correction rebuilds a pane, from its own trades. (Panes
 * shared by windows: Li, Maier, Tufte, Papadimos and Tucker, "No Pane, No Gain", SIGMOD Record 2005.) Panes and windows
 * are reused: in the steady state nothing is allocated. Single-threaded.
 */
final class SymbolWindows<P extends PartialAggregate<P>> {
    private static final long BEFORE_ALL = Long.MIN_VALUE / 2; // far enough from the end to subtract a bound

    private final String symbol;
    private final WindowSpec spec;
    private final long paneNanos;
    private final Supplier<P> newSummary;
    private final WindowListener<P> listener;
    private final P scratch;

    private final TradeLog log = new TradeLog();
    private final ArrayList<Pane<P>> panes = new ArrayList<>(); // by start
    private final List<ArrayList<Window<P>>> windows = new ArrayList<>(); // by interval, then by open time
    private final ArrayList<Window<P>> unclosed = new ArrayList<>();
    private final ArrayList<Pane<P>> freePanes = new ArrayList<>();
    private final ArrayList<Window<P>> freeWindows = new ArrayList<>();

    private @Nullable Pane<P> newest; // the last of panes: most trades fall into it
    private long clockNanos = BEFORE_ALL;
    private long watermarkNanos = BEFORE_ALL;
    private long nextCloseNanos = Long.MAX_VALUE;
    private long nextSettleNanos = Long.MAX_VALUE;
    private long changes;
    private long changedFromNanos = Long.MAX_VALUE; // start of the oldest pane that changed since the last flush
    private boolean queuedForFlush;
    private boolean queuedForSave;
    private final ArrayList<StateKey> toDelete = new ArrayList<>(); // pieces of what was let go since the last save

    SymbolWindows(String symbol, WindowSpec spec, long paneNanos, Supplier<P> newSummary, WindowListener<P> listener) {
        this.symbol = symbol;
        this.spec = spec;
        this.paneNanos = paneNanos;
        this.newSummary = newSummary;
        this.listener = listener;
        this.scratch = newSummary.get();
        for (int i = 0; i < spec.intervals().size(); i++) {
            windows.add(new ArrayList<>());
        }
    }

    /** The earliest end of a window that has not been said to be closed; {@link Long#MAX_VALUE} if there is none. */
    long nextCloseNanos() {
        return nextCloseNanos;
    }

    /** Takes in a trade and tells the listener of windows that it closed. */
    Outcome add(Trade trade) {
        long time = trade.eventTimeNanos();
        if (time < clockNanos - spec.latenessNanos()) {
            return Outcome.TOO_LATE;
        }
        Outcome outcome = record(trade, time);
        if (time > clockNanos) {
            clockNanos = time;
            advanceTo(time);
        } else if (watermarkNanos >= nextCloseNanos) {
            closeDue();
        }
        return outcome;
    }

    /** Lets the watermark go on; windows that end before it are said to be closed. Never moves the symbol's own clock. */
    void advanceTo(long nanos) {
        long delayed = nanos - spec.closeDelayNanos();
        if (delayed > watermarkNanos) {
            watermarkNanos = delayed;
        }
        if (watermarkNanos >= nextCloseNanos) {
            closeDue();
        }
        if (clockNanos >= nextSettleNanos) {
            settle(clockNanos - spec.latenessNanos());
        }
    }

    /** Tells the listener of each window that changed since it was last told: as it is now, open or revised. */
    void flush() {
        queuedForFlush = false;
        for (int i = 0; i < windows.size(); i++) {
            ArrayList<Window<P>> ofInterval = windows.get(i);
            int first = ofInterval.size();
            while (first > 0 && ofInterval.get(first - 1).closeNanos > changedFromNanos) {
                first--;
            }
            for (int j = first; j < ofInterval.size(); j++) {
                emitIfChanged(ofInterval.get(j));
            }
        }
        changedFromNanos = Long.MAX_VALUE;
    }

    /** Says of every window that it is closed, whatever the clock. A trade may still revise it. */
    void closeAll() {
        watermarkNanos = Long.MAX_VALUE;
        closeDue();
    }

    /**
     * Starts a window from a bar that was kept elsewhere: trades up to the end of that bar must not be added again.
     *
     * @param closed whether it was already said to be closed, with this revision
     */
    void restore(int interval, long openNanos, P base, int revision, boolean closed) {
        Window<P> window = window(interval, openNanos);
        window.settled.merge(base);
        window.settledUnsaved = true;
        window.revision = revision;
        window.closed = closed;
        window.emitted = closed || base.tradeCount() > 0;
        if (closed) {
            unclosed.remove(window);
        }
    }

    /** Returns whether the caller must remember to flush this symbol; true once until the next flush. */
    boolean queueForFlush() {
        boolean first = !queuedForFlush;
        queuedForFlush = true;
        return first;
    }

    /** Returns whether the caller must remember to save this symbol; true once until the next save. */
    boolean queueForSave() {
        boolean first = !queuedForSave;
        queuedForSave = true;
        return first;
    }

    /** Writes what changed since the last save. */
    void save(StatePieces pieces) {
        queuedForSave = false;
        toDelete.forEach(key -> pieces.delete(key.bytes()));
        toDelete.clear();
        for (int i = 0; i < panes.size(); i++) {
            Pane<P> pane = panes.get(i);
            pane.saved.save(symbol, log, pane.startNanos, pane.endNanos, pieces);
        }
        int count = 0;
        for (int i = 0; i < windows.size(); i++) {
            count += windows.get(i).size();
            windows.get(i).forEach(window -> saveSettled(window, pieces));
        }
        ByteBuffer head = ByteBuffer.allocate(
                SymbolState.FIXED_BYTES + panes.size() * SymbolState.PANE_BYTES + count * SymbolState.WINDOW_BYTES);
        head.put(SymbolState.FORMAT).putLong(clockNanos).putLong(watermarkNanos);
        head.putLong(changes).putLong(changedFromNanos).putInt(panes.size()).putInt(count);
        panes.forEach(
                pane -> head.putLong(pane.startNanos).putLong(pane.lastChange).putInt(pane.saved.chunks()));
        windows.forEach(ofInterval -> ofInterval.forEach(window -> SymbolState.writeWindow(window, head)));
        pieces.put(new StateKey(symbol, StateKey.HEAD, 0, 0).bytes(), head.array());
    }

    private void saveSettled(Window<P> window, StatePieces pieces) {
        if (window.settledUnsaved) {
            ByteBuffer piece = ByteBuffer.allocate(window.settled.stateBytes());
            window.settled.writeTo(piece);
            pieces.put(settledKey(window).bytes(), piece.array());
            window.settledUnsaved = false;
            window.settledKept = true;
        }
    }

    private StateKey settledKey(Window<P> window) {
        return new StateKey(symbol, StateKey.SETTLED, window.openNanos, window.interval);
    }

    /** Goes on from what was saved; nothing may have been added before. */
    void load(SortedMap<StateKey, byte[]> pieces) {
        pieces.forEach((key, piece) -> {
            ByteBuffer in = ByteBuffer.wrap(piece);
            switch (key.kind()) {
                case StateKey.HEAD -> loadHead(in);
                case StateKey.SETTLED ->
                    window(key.minor(), key.major()).settled.mergeFrom(in);
                default -> SavedTrades.load(piece, log, BEFORE_ALL);
            }
        });
        panes.forEach(pane -> log.addRange(pane.startNanos, pane.endNanos, pane.summary));
    }

    private void loadHead(ByteBuffer in) {
        byte format = in.get();
        if (format != SymbolState.FORMAT) {
            throw InvalidInputException.of("format of the state of a symbol", format, "must be " + SymbolState.FORMAT);
        }
        clockNanos = in.getLong();
        watermarkNanos = in.getLong();
        changes = in.getLong();
        changedFromNanos = in.getLong();
        int paneCount = in.getInt();
        int windowCount = in.getInt();
        for (int i = 0; i < paneCount; i++) {
            Pane<P> pane = new Pane<>(newSummary.get());
            pane.startNanos = in.getLong();
            pane.endNanos = pane.startNanos + paneNanos;
            pane.lastChange = in.getLong();
            pane.saved.setChunks(in.getInt());
            panes.add(pane);
        }
        for (int i = 0; i < windowCount; i++) {
            Window<P> window = window(in.getShort(), in.getLong());
            SymbolState.readWindow(window, in);
        }
        unclosed.removeIf(window -> window.closed);
        findNext();
    }

    /** Finds when the next window ends and the next pane settles. */
    private void findNext() {
        newest = panes.isEmpty() ? null : panes.get(panes.size() - 1);
        nextSettleNanos = panes.isEmpty() ? Long.MAX_VALUE : panes.get(0).endNanos + spec.latenessNanos();
        nextCloseNanos = Long.MAX_VALUE;
        for (int i = 0; i < unclosed.size(); i++) {
            nextCloseNanos = Math.min(nextCloseNanos, unclosed.get(i).closeNanos);
        }
    }

    /** Returns whether something changed that a flush would send. */
    boolean isUnflushed() {
        return changedFromNanos != Long.MAX_VALUE;
    }

    private Outcome record(Trade trade, long time) {
        int flags = trade.cancelled()
                ? 0
                : (trade.setsPrice() ? TradeLog.PRICE_FLAG : 0) | (trade.countsVolume() ? TradeLog.VOLUME_FLAG : 0);
        if (log.isAfterLast(time, trade.sequence())) {
            log.append(time, trade.sequence(), trade.price(), trade.volume(), trade.version(), flags);
            fold(trade, time, flags);
            return trade.cancelled() ? Outcome.CANCELLED : time < clockNanos ? Outcome.ADDED_LATE : Outcome.ADDED;
        }
        int index = log.lowerBound(time, trade.sequence());
        if (!log.holds(index, time, trade.sequence())) {
            log.insert(index, time, trade.sequence(), trade.price(), trade.volume(), trade.version(), flags);
            fold(trade, time, flags);
            return trade.cancelled() ? Outcome.CANCELLED : time < clockNanos ? Outcome.ADDED_LATE : Outcome.ADDED;
        }
        if (trade.version() <= log.version(index)) {
            return Outcome.DUPLICATE;
        }
        log.replace(index, trade.price(), trade.volume(), trade.version(), flags);
        Pane<P> pane = pane(time);
        pane.saved.changed(time);
        rebuild(pane);
        return trade.cancelled() ? Outcome.CANCELLED : Outcome.CORRECTED;
    }

    private void fold(Trade trade, long time, int flags) {
        Pane<P> pane = pane(time); // also for a trade that counts for nothing: with it the log lets go of the trade
        pane.saved.changed(time);
        if (flags != 0) {
            pane.summary.add(
                    time, trade.sequence(), trade.price(), trade.volume(), trade.setsPrice(), trade.countsVolume());
            changed(pane);
        }
    }

    private void rebuild(Pane<P> pane) {
        pane.summary.reset();
        log.addRange(pane.startNanos, pane.endNanos, pane.summary);
        changed(pane);
    }

    private void changed(Pane<P> pane) {
        pane.lastChange = ++changes;
        changedFromNanos = Math.min(changedFromNanos, pane.startNanos);
    }

    /** Returns the pane that holds this time; makes it, and the windows over it, if it is the first trade there. */
    private Pane<P> pane(long time) {
        if (newest != null && newest.startNanos <= time && time < newest.endNanos) {
            return newest;
        }
        int i = panes.size() - 1;
        while (i >= 0 && panes.get(i).startNanos > time) {
            i--;
        }
        if (i >= 0 && time < panes.get(i).endNanos) {
            return panes.get(i);
        }
        Pane<P> pane = freePanes.isEmpty() ? new Pane<>(newSummary.get()) : freePanes.remove(freePanes.size() - 1);
        pane.summary.reset();
        pane.saved.reset();
        pane.startNanos = time - Math.floorMod(time, paneNanos);
        pane.endNanos = pane.startNanos + paneNanos;
        panes.add(i + 1, pane);
        newest = panes.get(panes.size() - 1);
        nextSettleNanos = panes.get(0).endNanos + spec.latenessNanos();
        for (int k = 0; k < windows.size(); k++) {
            Interval interval = spec.intervals().get(k);
            long open = interval.openTimeNanos(time);
            window(k, open);
            if (interval.isHopping()) {
                for (open = interval.previousOpenTimeNanos(open);
                        interval.closeTimeNanos(open) > time;
                        open = interval.previousOpenTimeNanos(open)) {
                    window(k, open);
                }
            }
        }
        return pane;
    }

    /** Returns the window of this interval that opens at this time; makes it if there is none. */
    private Window<P> window(int interval, long openNanos) {
        ArrayList<Window<P>> ofInterval = windows.get(interval);
        int i = ofInterval.size() - 1;
        while (i >= 0 && ofInterval.get(i).openNanos > openNanos) {
            i--;
        }
        if (i >= 0 && ofInterval.get(i).openNanos == openNanos) {
            return ofInterval.get(i);
        }
        Window<P> window =
                freeWindows.isEmpty() ? new Window<>(newSummary.get()) : freeWindows.remove(freeWindows.size() - 1);
        window.start(interval, openNanos, spec.intervals().get(interval).closeTimeNanos(openNanos));
        ofInterval.add(i + 1, window);
        unclosed.add(window);
        nextCloseNanos = Math.min(nextCloseNanos, window.closeNanos);
        return window;
    }

    private void closeDue() {
        int kept = 0;
        for (int i = 0; i < unclosed.size(); i++) {
            Window<P> window = unclosed.get(i);
            if (window.closeNanos <= watermarkNanos) {
                window.closed = true;
                emit(window, BarState.CLOSED);
            } else {
                unclosed.set(kept++, window);
            }
        }
        unclosed.subList(kept, unclosed.size()).clear();
        nextCloseNanos = Long.MAX_VALUE;
        for (int i = 0; i < kept; i++) {
            nextCloseNanos = Math.min(nextCloseNanos, unclosed.get(i).closeNanos);
        }
    }

    /** Merges the panes that can no longer change into their windows, and lets go of what ended before the horizon. */
    private void settle(long horizonNanos) {
        int settled = 0;
        while (settled < panes.size() && panes.get(settled).endNanos <= horizonNanos) {
            Pane<P> pane = panes.get(settled++);
            for (int i = 0; i < windows.size(); i++) {
                settleInto(windows.get(i), pane);
            }
            log.removeBefore(pane.endNanos);
            for (int chunk = 0; chunk < pane.saved.chunks(); chunk++) {
                toDelete.add(new StateKey(symbol, StateKey.TRADES, pane.startNanos, chunk));
            }
            freePanes.add(pane);
        }
        panes.subList(0, settled).clear();
        newest = panes.isEmpty() ? null : panes.get(panes.size() - 1);
        nextSettleNanos = panes.isEmpty() ? Long.MAX_VALUE : panes.get(0).endNanos + spec.latenessNanos();
        for (int i = 0; i < windows.size(); i++) {
            ArrayList<Window<P>> ofInterval = windows.get(i);
            int ended = 0;
            while (ended < ofInterval.size() && ofInterval.get(ended).closeNanos <= horizonNanos) {
                Window<P> window = ofInterval.get(ended++);
                emitIfChanged(window);
                if (window.settledKept) {
                    toDelete.add(settledKey(window));
                }
                freeWindows.add(window);
            }
            ofInterval.subList(0, ended).clear();
        }
    }

    private static <P extends PartialAggregate<P>> void settleInto(List<Window<P>> ofInterval, Pane<P> pane) {
        for (int j = 0; j < ofInterval.size() && ofInterval.get(j).openNanos <= pane.startNanos; j++) {
            Window<P> window = ofInterval.get(j);
            if (pane.endNanos <= window.closeNanos) {
                window.settled.merge(pane.summary);
                window.settledUnsaved = true;
                window.settledChange = Math.max(window.settledChange, pane.lastChange);
            }
        }
    }

    private void emitIfChanged(Window<P> window) {
        if (lastChange(window) <= window.emittedChange) {
            return;
        }
        if (window.closed && window.emitted) {
            window.revision++;
        }
        emit(window, !window.closed ? BarState.OPEN : window.emitted ? BarState.REVISED : BarState.CLOSED);
    }

    private void emit(Window<P> window, BarState state) {
        window.emittedChange = lastChange(window);
        scratch.reset();
        scratch.merge(window.settled);
        for (int i = firstPane(window); i < panes.size() && panes.get(i).endNanos <= window.closeNanos; i++) {
            scratch.merge(panes.get(i).summary);
        }
        if (scratch.tradeCount() == 0 && !window.emitted) {
            return; // all its trades were cancelled before anyone heard of it
        }
        window.emitted = true;
        listener.onWindow(
                symbol,
                spec.intervals().get(window.interval),
                window.openNanos,
                window.closeNanos,
                scratch,
                window.revision,
                state);
    }

    private long lastChange(Window<P> window) {
        long last = window.settledChange;
        for (int i = firstPane(window); i < panes.size() && panes.get(i).endNanos <= window.closeNanos; i++) {
            last = Math.max(last, panes.get(i).lastChange);
        }
        return last;
    }

    /** Returns the index of the first pane that starts in the window or after it. */
    private int firstPane(Window<P> window) {
        int low = 0;
        int high = panes.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (panes.get(middle).startNanos < window.openNanos) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
