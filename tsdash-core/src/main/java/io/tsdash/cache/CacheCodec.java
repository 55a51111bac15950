package io.tsdash.cache;

import java.nio.charset.StandardCharsets;

/** A value as bytes, for caches that several processes share. Thread-safe. Bytes carry their own version if their form may change. */
public interface CacheCodec<V> {

    /** Returns the bytes of a value. */
    byte[] encode(V value);

    /** @throws RuntimeException if these are not the bytes of a value: the entry then counts as not there, and that is told */
    V decode(byte[] bytes);

    /** Returns the codec of text as UTF-8. */
    static CacheCodec<String> text() {
        return new CacheCodec<>() {
            @Override
            public byte[] encode(String value) {
                return value.getBytes(StandardCharsets.UTF_8);
            }

            @Override
            public String decode(byte[] bytes) {
                return new String(bytes, StandardCharsets.UTF_8);
            }
        };
    }

    /** Returns the codec of bytes as they are. */
    static CacheCodec<byte[]> bytes() {
        return new CacheCodec<>() {
            @Override
            public byte[] encode(byte[] value) {
                return value;
            }

            @Override
            public byte[] decode(byte[] bytes) {
                return bytes;
            }
        };
    }
}
