package io.tsdash.cache;

/**
 * How much a cache keeps.
 *
 * @param entriesMax how many entries; {@link Long#MAX_VALUE}: as many as its server has room for
 * @param bytesMax how many bytes of keys and values; {@link Long#MAX_VALUE}: it does not count them itself
 * @param valueBytesMax how large a value may be; {@link Integer#MAX_VALUE}: as large as it likes
 */
public record CacheLimits(long entriesMax, long bytesMax, int valueBytesMax) {}
