package io.tsdash.transport;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * A gzip stream (RFC 1952) of frames that are deflated for all who get them: each ends at a byte and builds on none
 * before, so the stream needs no compressor of its own, and the client can read each at once. One event loop.
 */
final class GzipStream {
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};
    /** The flush that the form for WebSockets leaves out. */
    private static final byte[] FLUSH = {0, 0, (byte) 0xff, (byte) 0xff};

    private static final byte[] LAST_BLOCK = {1, 0, 0, (byte) 0xff, (byte) 0xff};
    private static final int STORED_MAX = 0xffff;
    private static final int STORED_HEADER = 5;
    private static final int TRAILER = 8;

    private final FrameDeflater deflater;
    private final CRC32 sum = new CRC32();
    private long length;

    GzipStream(FrameDeflater deflater) {
        this.deflater = deflater;
    }

    /** Returns how the stream begins. */
    static byte[] header() {
        return HEADER.clone();
    }

    /** Returns the next piece of the stream. */
    byte[] piece(byte[] frame) {
        sum.update(frame);
        length += frame.length;
        Optional<byte[]> deflated = deflater.deflate(frame);
        if (deflated.isPresent()) {
            return ByteBuffer.allocate(deflated.get().length + FLUSH.length)
                    .put(deflated.get())
                    .put(FLUSH)
                    .array();
        }
        return stored(frame);
    }

    /** Returns the last piece and the end. */
    byte[] end(byte[] frame) {
        byte[] last = piece(frame);
        return ByteBuffer.allocate(last.length + LAST_BLOCK.length + TRAILER)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(last)
                .put(LAST_BLOCK)
                .putInt((int) sum.getValue())
                .putInt((int) length)
                .array();
    }

    private static byte[] stored(byte[] frame) {
        int blocks = (frame.length + STORED_MAX - 1) / STORED_MAX;
        ByteBuffer out =
                ByteBuffer.allocate(frame.length + blocks * STORED_HEADER).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < frame.length; at += STORED_MAX) {
            int size = Math.min(STORED_MAX, frame.length - at);
            out.put((byte) 0).putShort((short) size).putShort((short) ~size).put(frame, at, size);
        }
        return out.array();
    }
}
