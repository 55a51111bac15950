package io.tsdash.cache;

import io.tsdash.error.InvalidInputException;

/** The rule for keys of caches (C6). */
public final class CacheKeys {
    /** How long a key may be, in bytes of UTF-8. */
    public static final int BYTES_MAX = 512;

    private static final int SHOWN_MAX = 40;

    private CacheKeys() {}

    /** @throws InvalidInputException if it is no key for a cache */
    public static void check(String key) {
        int bytes = 0;
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (c < 0x80) {
                bytes++;
            } else if (c < 0x800) {
                bytes += 2;
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < key.length()
                    && Character.isLowSurrogate(key.charAt(i + 1))) {
                bytes += 4;
                i++;
            } else {
                bytes += 3;
            }
            if (Character.isISOControl(c)) {
                throw new InvalidInputException("key '" + shown(key) + "' has the control character " + (int) c + " at "
                        + i + " but it must have none");
            }
            if (Character.isSurrogate(c) && !Character.isLowSurrogate(key.charAt(i))) {
                throw new InvalidInputException(
                        "key '" + shown(key) + "' has half of a character at " + i + " but it must be whole");
            }
        }
        if (bytes < 1 || bytes > BYTES_MAX) {
            throw new InvalidInputException(
                    "key '" + shown(key) + "' has " + bytes + " bytes but it must have from 1 to " + BYTES_MAX);
        }
    }

    private static String shown(String key) {
        String start = key.length() > SHOWN_MAX ? key.substring(0, SHOWN_MAX) + "…" : key;
        return start.replaceAll("[\\p{Cntrl}\\p{Cs}]", "?");
    }
}
