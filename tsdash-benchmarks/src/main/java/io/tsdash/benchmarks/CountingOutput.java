package io.tsdash.benchmarks;

import io.tsdash.distribution.MessageCodec;
import io.tsdash.distribution.SessionOutput;
import io.tsdash.distribution.WireCode;
import java.util.zip.Deflater;

/** Counts the bytes that a WebSocket would send: as they are, and with permessage-deflate (RFC 7692). */
final class CountingOutput implements SessionOutput {
    /** The end of a flush, which RFC 7692 section 7.2.1 leaves out. */
    private static final int TAIL = 4;

    private final String name;
    private final MessageCodec codec;
    private final Deflater alone = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    private final Deflater withContext = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    private final byte[] room = new byte[1 << 20];
    private long frames;
    private long plain;
    private long deflated;
    private long deflatedWithContext;

    CountingOutput(String name, MessageCodec codec) {
        this.name = name;
        this.codec = codec;
    }

    @Override
    public void send(byte[] frame) {
        frames++;
        plain += onSocket(frame.length);
        alone.reset();
        deflated += onSocket(deflate(alone, frame));
        deflatedWithContext += onSocket(deflate(withContext, frame));
    }

    @Override
    public long queuedBytes() {
        return 0;
    }

    @Override
    public void close(WireCode code, String text) {
        alone.end();
        withContext.end();
    }

    String name() {
        return name;
    }

    MessageCodec codec() {
        return codec;
    }

    long frames() {
        return frames;
    }

    long plain() {
        return plain;
    }

    long deflated() {
        return deflated;
    }

    long deflatedWithContext() {
        return deflatedWithContext;
    }

    private int deflate(Deflater deflater, byte[] frame) {
        deflater.setInput(frame);
        int total = 0;
        int part;
        do {
            part = deflater.deflate(room, 0, room.length, Deflater.SYNC_FLUSH);
            total += part;
        } while (part == room.length);
        return total - TAIL;
    }

    /** RFC 6455 section 5.2, from server to client. */
    private static long onSocket(int payload) {
        return payload + (payload < 126 ? 2L : payload <= 0xffff ? 4L : 10L);
    }
}
