package io.tsdash.distribution;

import io.tsdash.error.InvalidInputException;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Which channels may be subscribed to: names, and prefixes that end in {@code *}.
 *
 * <p>A subscription needs one permission that covers the whole of it: {@code prices:BTC*} covers {@code prices:BTC-USD}
 * and {@code prices:BTC-*}, but not {@code prices:*}. Thread-safe, immutable.
 */
public final class Permissions {
    private static final Permissions ALL = new Permissions(Set.of("*"));
    private static final Permissions NONE = new Permissions(Set.of());
    private static final int LENGTH_MAX = 160;

    private final Set<String> patterns;

    private Permissions(Set<String> patterns) {
        this.patterns = patterns;
    }

    /** Returns those that cover everything. */
    public static Permissions all() {
        return ALL;
    }

    /** Returns those that cover nothing. */
    public static Permissions none() {
        return NONE;
    }

    /**
     * Returns those that cover what any of the patterns covers.
     *
     * @throws InvalidInputException if a pattern is empty, longer than 160, or has a {@code *} other than at its end
     */
    public static Permissions of(Collection<String> patterns) {
        for (String pattern : patterns) {
            int star = pattern.indexOf('*');
            if (pattern.isEmpty() || pattern.length() > LENGTH_MAX || (star >= 0 && star < pattern.length() - 1)) {
                throw InvalidInputException.of(
                        "permission",
                        pattern,
                        "must be a channel's name of 1 to " + LENGTH_MAX + " characters, or a prefix that ends in *");
            }
        }
        return new Permissions(new LinkedHashSet<>(patterns));
    }

    /** Returns whether one permission covers all of a name or prefix. */
    public boolean cover(String nameOrPrefix) {
        // What the prefix covers is covered if the prefix itself is: the star is one more character of its text.
        for (String pattern : patterns) {
            if (pattern.endsWith("*")
                    ? nameOrPrefix.startsWith(pattern.substring(0, pattern.length() - 1))
                    : nameOrPrefix.equals(pattern)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns whether one of the permissions is this very name. A {@code *} does not give what has nothing to do with
     * channels, such as a look at what other users do.
     */
    public boolean name(String permission) {
        return patterns.contains(permission);
    }

    /** Returns whether anything of a symbol may be seen: a price, a trade, or a bar of any interval. */
    public boolean mention(String symbol) {
        if (cover("prices:" + symbol) || cover("trades:" + symbol)) {
            return true;
        }
        for (String pattern : patterns) {
            if (pattern.startsWith("bars:")) {
                int colon = pattern.indexOf(':', "bars:".length());
                if (colon < 0
                        || (pattern.endsWith("*")
                                ? symbol.startsWith(pattern.substring(colon + 1, pattern.length() - 1))
                                : symbol.equals(pattern.substring(colon + 1)))) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return String.join(", ", patterns);
    }
}
