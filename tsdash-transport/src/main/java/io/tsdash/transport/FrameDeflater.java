package io.tsdash.transport;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * Deflates frames on their way out (RFC 7692 section 7.2.1), each on its own, and keeps the last: a hub hands the same
 * array to all who get the same frame, so each event loop deflates it once. Thread-safe.
 */
final class FrameDeflater implements AutoCloseable {
    /** A message as short as this fits into one packet anyway and has little that repeats. */
    private static final int WORTHWHILE_BYTES = 128;

    private static final int FLUSH_END_BYTES = 4;
    private static final int STEP = 8_192;

    private final ReentrantLock lock = new ReentrantLock();
    private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(STEP);
    private final byte[] step = new byte[STEP];
    private byte @Nullable [] last;
    private Optional<byte[]> lastDeflated = Optional.empty();
    private boolean closed;
    private long made;

    /** Returns the frame's payload deflated; empty when that is not worth it. */
    @SuppressWarnings("ReferenceEquality") // the same array is the same frame; equal ones would have to be read
    Optional<byte[]> deflate(byte[] frame) {
        if (frame.length < WORTHWHILE_BYTES) {
            return Optional.empty();
        }
        lock.lock();
        try {
            if (frame != last && !closed) {
                byte[] deflated = make(frame);
                lastDeflated = deflated.length < frame.length ? Optional.of(deflated) : Optional.empty();
                last = frame;
            }
            return closed ? Optional.empty() : lastDeflated;
        } finally {
            lock.unlock();
        }
    }

    /** Returns how many frames were deflated, whatever the number of those who got them. */
    long made() {
        lock.lock();
        try {
            return made;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            last = null;
            lastDeflated = Optional.empty();
            deflater.end();
        } finally {
            lock.unlock();
        }
    }

    private byte[] make(byte[] frame) {
        made++;
        out.reset();
        deflater.reset();
        deflater.setInput(frame);
        int count;
        do {
            count = deflater.deflate(step, 0, STEP, Deflater.SYNC_FLUSH);
            out.write(step, 0, count);
        } while (count == STEP);
        byte[] all = out.toByteArray();
        return Arrays.copyOf(all, all.length - FLUSH_END_BYTES);
    }
}
