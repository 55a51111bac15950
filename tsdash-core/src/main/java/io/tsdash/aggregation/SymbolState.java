package io.tsdash.aggregation;

import java.nio.ByteBuffer;

/** The small part of a symbol's state as bytes: a fixed part, then panes, then windows. */
final class SymbolState {
    static final byte FORMAT = 1;
    static final int FIXED_BYTES = 1 + 4 * Long.BYTES + 2 * Integer.BYTES;
    static final int PANE_BYTES = 2 * Long.BYTES + Integer.BYTES;
    static final int WINDOW_BYTES = Short.BYTES + 3 * Long.BYTES + Integer.BYTES + 1;

    private static final int CLOSED = 1;
    private static final int EMITTED = 2;
    private static final int SETTLED = 4;

    private SymbolState() {}

    static void writeWindow(Window<?> window, ByteBuffer out) {
        out.putShort((short) window.interval).putLong(window.openNanos);
        out.putLong(window.settledChange).putLong(window.emittedChange).putInt(window.revision);
        out.put((byte)
                ((window.closed ? CLOSED : 0) | (window.emitted ? EMITTED : 0) | (window.settledKept ? SETTLED : 0)));
    }

    /** Reads all of a window but its interval and open time, which were read before. */
    static void readWindow(Window<?> window, ByteBuffer in) {
        window.settledChange = in.getLong();
        window.emittedChange = in.getLong();
        window.revision = in.getInt();
        int flags = in.get();
        window.closed = (flags & CLOSED) != 0;
        window.emitted = (flags & EMITTED) != 0;
        window.settledKept = (flags & SETTLED) != 0;
    }
}
