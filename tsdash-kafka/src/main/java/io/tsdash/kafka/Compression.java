package io.tsdash.kafka;

import java.util.Locale;

/** How batches of records are made smaller on their way and on the brokers' disks. */
public enum Compression {
    /** Not at all. */
    NONE,
    /** A third of the size at hardly any cost; the default. */
    LZ4,
    /** Between LZ4 and ZSTD. */
    SNAPPY,
    /** As old as the others are not: for brokers and tools that know nothing else. */
    GZIP,
    /** A sixth of the size for a little more time: for wide area networks and long retention. */
    ZSTD;

    /** Returns the name as Kafka writes it. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
