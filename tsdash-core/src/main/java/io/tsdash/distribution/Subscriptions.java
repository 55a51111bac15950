package io.tsdash.distribution;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a session is subscribed to: names and patterns as its client gave them, and the channels that these cover.
 *
 * <p>Sorted arrays rather than hash tables, since ten thousand sessions keep one each. Owned by the hub's thread.
 */
final class Subscriptions {
    private final List<String> names = new ArrayList<>(0);
    private final List<String> prefixes = new ArrayList<>(0);
    /** By number of the channel. */
    private final List<Subscription> covered = new ArrayList<>(0);

    /** Returns how many channels are covered. */
    int size() {
        return covered.size();
    }

    /** Returns one of the covered channels, in the order of their numbers. */
    Subscription get(int index) {
        return covered.get(index);
    }

    /** Returns the tie to a channel. */
    @Nullable
    Subscription find(Channel channel) {
        int at = indexOf(channel);
        return at < 0 ? null : covered.get(at);
    }

    /** Begins a channel, or begins it anew. */
    void put(Subscription fresh) {
        int at = indexOf(fresh.channel);
        if (at >= 0) {
            covered.set(at, fresh);
        } else {
            covered.add(-at - 1, fresh);
            fresh.channel.subscribers++;
        }
    }

    /** Ends a channel that is not there any more. */
    void remove(Channel channel) {
        int at = indexOf(channel);
        if (at >= 0) {
            covered.remove(at);
            channel.subscribers--;
        }
    }

    /** Returns the covered channels. */
    List<Subscription> all() {
        return List.copyOf(covered);
    }

    /** Returns the names and patterns. */
    List<String> names() {
        return List.copyOf(names);
    }

    /** Returns how many names and patterns there would be with these too. */
    int sizeWith(Collection<String> more) {
        Set<String> distinct = new TreeSet<>(names);
        distinct.addAll(more);
        return distinct.size();
    }

    /** Adds a name or a pattern. */
    void addName(String name) {
        int at = Collections.binarySearch(names, name);
        if (at < 0) {
            names.add(-at - 1, name);
            if (name.endsWith("*")) {
                prefixes.add(prefix(name));
            }
        }
    }

    /** Takes a name or a pattern away; its channels stay until {@link #forgetUncovered}. */
    void removeName(String name) {
        int at = Collections.binarySearch(names, name);
        if (at >= 0) {
            names.remove(at);
            if (name.endsWith("*")) {
                prefixes.remove(prefix(name));
            }
        }
    }

    /** Returns whether a name or pattern covers a channel. */
    boolean covers(String channel) {
        if (Collections.binarySearch(names, channel) >= 0) {
            return true;
        }
        for (String prefix : prefixes) {
            if (channel.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }

    /** Ends the channels that no name or pattern covers any more. */
    void forgetUncovered() {
        covered.removeIf(each -> {
            boolean ends = !covers(each.channel.name());
            each.channel.subscribers -= ends ? 1 : 0;
            return ends;
        });
    }

    /** Ends all channels, names and patterns. */
    void clear() {
        names.clear();
        prefixes.clear();
        forgetUncovered();
    }

    private static String prefix(String pattern) {
        return pattern.substring(0, pattern.length() - 1);
    }

    private int indexOf(Channel channel) {
        int low = 0;
        int high = covered.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int id = covered.get(middle).channel.id();
            if (id == channel.id()) {
                return middle;
            }
            if (id < channel.id()) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -low - 1;
    }
}
