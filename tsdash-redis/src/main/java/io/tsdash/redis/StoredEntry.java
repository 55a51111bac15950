package io.tsdash.redis;

import io.tsdash.cache.CacheCodec;
import io.tsdash.cache.CacheEntry;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * An entry as bytes under its key: form, whether there is a value, then the times it was written, goes stale and expires, in
 * nanoseconds since the epoch, big-endian; then the value's bytes.
 */
final class StoredEntry {
    static final int HEAD_BYTES = 2 + 3 * Long.BYTES;
    private static final byte FORM = 1;

    private StoredEntry() {}

    static byte[] encode(CacheEntry<?> entry, byte[] value) {
        return ByteBuffer.allocate(HEAD_BYTES + value.length)
                .put(FORM)
                .put((byte) (entry.value().isPresent() ? 1 : 0))
                .putLong(entry.writtenNanos())
                .putLong(entry.staleNanos())
                .putLong(entry.expiresNanos())
                .put(value)
                .array();
    }

    /** @throws RuntimeException if these are not the bytes of an entry of this form */
    static <V> CacheEntry<V> decode(byte[] bytes, CacheCodec<V> codec) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        byte form = bytes.length < HEAD_BYTES ? -1 : in.get();
        if (form != FORM) {
            throw new IllegalArgumentException("it has the form " + form + ", and this version reads the form " + FORM);
        }
        boolean present = in.get() != 0;
        long written = in.getLong();
        long stale = in.getLong();
        long expires = in.getLong();
        byte[] value = new byte[in.remaining()];
        in.get(value);
        return new CacheEntry<>(present ? Optional.of(codec.decode(value)) : Optional.empty(), written, stale, expires);
    }
}
