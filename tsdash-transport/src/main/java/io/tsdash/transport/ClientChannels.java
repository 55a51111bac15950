package io.tsdash.transport;

import io.tsdash.client.Replica;
import io.tsdash.distribution.ServerMessage;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What a client asked for, and which channels of its replica are up to date. One thread at a time. */
final class ClientChannels {
    private final Replica replica;
    private final Set<String> asked = new LinkedHashSet<>();
    /** Channels of which something was heard on this connection, and nothing is missing. */
    private final Set<String> current = new HashSet<>();

    ClientChannels(Replica replica) {
        this.replica = replica;
    }

    /** Returns the channel that a message is of; empty if it is of none. */
    static String of(ServerMessage message) {
        if (message instanceof ServerMessage.Delta delta) {
            return delta.channel();
        }
        if (message instanceof ServerMessage.Snapshot snapshot) {
            return snapshot.channel();
        }
        return message instanceof ServerMessage.Resumed resumed ? resumed.channel() : "";
    }

    void ask(Collection<String> names) {
        asked.addAll(names);
    }

    List<String> asked() {
        return List.copyOf(asked);
    }

    boolean isCurrent(String channel) {
        return current.contains(channel);
    }

    /** Nothing is kept up to date any more: the connection is gone. */
    void disconnected() {
        current.clear();
    }

    /** Takes a message that was applied to the replica, and what it meant. */
    void heard(ServerMessage message, Replica.Outcome outcome) {
        if (outcome == Replica.Outcome.GAP) {
            current.remove(of(message));
        } else if (outcome != Replica.Outcome.NO_STATE) {
            current.add(of(message));
        }
    }

    /** Forgets a subscription that the server has ended, and what only it covered: it is no longer kept up to date. */
    void ended(String pattern) {
        asked.remove(pattern);
        for (String channel : replica.channels()) {
            if (asked.stream().noneMatch(each -> covers(each, channel))) {
                replica.forget(channel);
                current.remove(channel);
            }
        }
    }

    private static boolean covers(String pattern, String channel) {
        return pattern.endsWith("*")
                ? channel.startsWith(pattern.substring(0, pattern.length() - 1))
                : pattern.equals(channel);
    }
}
