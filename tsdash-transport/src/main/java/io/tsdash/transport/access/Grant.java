package io.tsdash.transport.access;

import io.tsdash.distribution.Permissions;

/**
 * What a token gives its holder.
 *
 * @param user the holder; the same for all tokens of the same person or program
 * @param permissions which channels may be seen
 * @param expiresNanos when it ends, nanoseconds since the epoch
 * @param quotas how much of the server may be used
 */
public record Grant(String user, Permissions permissions, long expiresNanos, Quotas quotas) {
    private static final int USER_LENGTH_MAX = 128;

    /** Returns whether a user's name can be one: 1 to 128 characters without control characters. */
    public static boolean isUser(String name) {
        return !name.isEmpty()
                && name.length() <= USER_LENGTH_MAX
                && name.chars().noneMatch(Character::isISOControl);
    }
}
