package io.tsdash.client;

import io.tsdash.distribution.Position;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.distribution.SnapshotReason;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The server's channels as one client knows them, rebuilt from its messages.
 *
 * <p>It never passes a gap: a change that does not follow makes the channel {@linkplain #gaps a gap} until a snapshot
 * or an answer to resume repairs it. A snapshot that comes unasked and does not reach back to what was known counts
 * as a reset, whatever its reason says. Single-threaded.
 */
public final class Replica {
    private final int logRowsMax;
    private final Map<String, ChannelState> channels = new LinkedHashMap<>();
    private long conflated;

    private Replica(int logRowsMax) {
        this.logRowsMax = logRowsMax;
    }

    /** Returns an empty replica that keeps this many rows of each log. */
    public static Replica keepingLogRows(int logRowsMax) {
        return new Replica(logRowsMax);
    }

    /**
     * Takes a message.
     *
     * @return what it meant for the state
     */
    public Outcome apply(ServerMessage message) {
        if (message instanceof ServerMessage.Snapshot snapshot) {
            boolean told = snapshot.reason() == SnapshotReason.RESET;
            boolean reset =
                    state(snapshot.channel()).replace(snapshot.position(), snapshot.key(), snapshot.rows(), told);
            return reset ? Outcome.RESET : Outcome.APPLIED;
        }
        if (message instanceof ServerMessage.Resumed resumed) {
            return state(resumed.channel()).resume(resumed.position()) ? Outcome.APPLIED : Outcome.GAP;
        }
        if (message instanceof ServerMessage.Delta delta) {
            boolean follows = state(delta.channel()).change(delta.previous(), delta.sequence(), delta.rows());
            return follows ? Outcome.APPLIED : Outcome.GAP;
        }
        if (message instanceof ServerMessage.Heartbeat heartbeat) {
            conflated = heartbeat.conflated();
        }
        return Outcome.NO_STATE;
    }

    /** Returns the names of the channels that something is missing in: subscribe to them again with their positions. */
    public Set<String> gaps() {
        Set<String> gaps = new TreeSet<>();
        channels.forEach((name, state) -> {
            if (!state.isCurrent()) {
                gaps.add(name);
            }
        });
        return gaps;
    }

    /** Returns where this client stands in each channel: what to send to resume. */
    public Map<String, Position> positions() {
        Map<String, Position> positions = new LinkedHashMap<>();
        channels.forEach((name, state) -> {
            if (state.isKnown()) {
                positions.put(name, state.position());
            }
        });
        return positions;
    }

    /** Returns the names of the channels that were heard of. */
    public Set<String> channels() {
        return new TreeSet<>(channels.keySet());
    }

    /** Returns the rows of a channel: all of a state, the newest of a log; empty when nothing is known of it. */
    public List<Map<String, @Nullable Object>> rows(String channel) {
        ChannelState state = channels.get(channel);
        return state == null ? new ArrayList<>() : state.rows();
    }

    /** Returns the checksum of a state channel, to compare with the server's; empty for a log and what is unknown. */
    public OptionalLong checksum(String channel) {
        ChannelState state = channels.get(channel);
        return state == null ? OptionalLong.empty() : state.checksum();
    }

    /** Returns where this client stands in a channel. */
    public Optional<Position> position(String channel) {
        ChannelState state = channels.get(channel);
        return state == null || !state.isKnown() ? Optional.empty() : Optional.of(state.position());
    }

    /** Returns how often something of this channel may have been missed. */
    public long resets(String channel) {
        ChannelState state = channels.get(channel);
        return state == null ? 0 : state.resets();
    }

    /** Returns how many updates the server said it left out for newer ones. */
    public long conflated() {
        return conflated;
    }

    /** Forgets channels that are not subscribed to any more. */
    public void forget(String channel) {
        channels.remove(channel);
    }

    private ChannelState state(String channel) {
        return channels.computeIfAbsent(channel, name -> new ChannelState(logRowsMax));
    }

    /** What a message meant. */
    public enum Outcome {
        /** It says nothing about channels. */
        NO_STATE,
        /** The state has it now. */
        APPLIED,
        /** The state was replaced, and something before may have been missed. */
        RESET,
        /** Something is missing; the state stays as it was. */
        GAP
    }
}
