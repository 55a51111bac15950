package io.tsdash.distribution;

import io.tsdash.delta.RecordSchema;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * All channels of a hub, by name. The number of changes of all channels together is a position of the whole, from
 * which streams resume.
 *
 * <p>Owned by the hub's thread: it is handed to updates and must not be kept by them.
 */
public final class Channels {
    private final boolean copies;
    private final int channelsMax;
    private final Owner owner;
    private final TreeMap<String, Channel> byName = new TreeMap<>();
    /** Private channels, by user and name: apart from the others, so that no name or prefix of another leads here. */
    private final Map<String, Map<String, LogChannel>> byUser = new HashMap<>();

    private int count;
    private final List<Channel> withEncoded = new ArrayList<>();
    private String epoch;
    private String ownEpoch;
    private boolean there;
    private long changes;
    private long version;
    private int ids;

    /** @param copies whether most of the channels are numbered elsewhere: see {@link HubBuilder#copies} */
    Channels(String epoch, boolean copies, int channelsMax, Owner owner) {
        this.epoch = epoch;
        this.ownEpoch = epoch;
        this.copies = copies;
        this.there = !copies;
        this.channelsMax = channelsMax;
        this.owner = owner;
    }

    /**
     * Returns the state channel of this name, which comes into being when it is not there.
     *
     * @param name kind, or kind and the rest after a colon
     * @param schema the fields of its rows
     * @param keyField the field that tells rows apart: TEXT, TIME or LONG
     * @param rowsMax it holds at most this many rows
     * @return empty when there are too many channels; that is told to the listener
     */
    public Optional<StateChannel> state(String name, RecordSchema schema, int keyField, int rowsMax) {
        Channel found = byName.get(name);
        if (found == null) {
            if (!hasRoom(name)) {
                return Optional.empty();
            }
            found = add(new StateChannel(name, schema, keyField, rowsMax, this));
        }
        if (found instanceof StateChannel state) {
            return Optional.of(state);
        }
        throw new IllegalArgumentException(name + " is a log channel, not a state channel");
    }

    /**
     * Returns the log channel of this name, which comes into being when it is not there.
     *
     * @param name kind, or kind and the rest after a colon
     * @param schema the fields of its rows
     * @param rowsMax how many of the newest rows it keeps for those who resume, at least 2
     * @return empty when there are too many channels; that is told to the listener
     */
    public Optional<LogChannel> log(String name, RecordSchema schema, int rowsMax) {
        Channel found = byName.get(name);
        if (found == null) {
            if (!hasRoom(name)) {
                return Optional.empty();
            }
            found = add(new LogChannel(name, schema, rowsMax, this));
        }
        if (found instanceof LogChannel log) {
            return Optional.of(log);
        }
        throw new IllegalArgumentException(name + " is a state channel, not a log channel");
    }

    /**
     * Returns a user's private log channel, which comes into being when it is not there. Only sessions of the user see it,
     * under its name; a snapshot holds all the rows that it keeps.
     *
     * @param user whose it is, not empty
     * @param name the same for all users
     * @param schema the fields of its rows
     * @param rowsMax how many of the newest rows it keeps, at least 2
     * @return empty when there are too many channels; that is told to the listener
     */
    public Optional<LogChannel> privateLog(String user, String name, RecordSchema schema, int rowsMax) {
        Map<String, LogChannel> mine = byUser.getOrDefault(user, Map.of());
        LogChannel found = mine.get(name);
        if (found == null) {
            if (user.isEmpty() || !hasRoom(name)) {
                return Optional.empty();
            }
            found = new LogChannel(name, user, schema, rowsMax, this);
            byUser.computeIfAbsent(user, any -> new HashMap<>()).put(name, found);
            count++;
            owner.created(found);
        }
        return Optional.of(found);
    }

    /** Returns the channel that this name means to a user. */
    Optional<Channel> find(String user, String name) {
        Channel found = byName.get(name);
        return Optional.ofNullable(
                found == null ? byUser.getOrDefault(user, Map.of()).get(name) : found);
    }

    /** Returns the channel of this name. */
    public Optional<Channel> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** Returns how many there are, private ones among them. */
    int size() {
        return count;
    }

    /** Returns the channels whose names begin so, in order of name. */
    public Collection<Channel> withPrefix(String prefix) {
        return byName.subMap(prefix, prefix + Character.MAX_VALUE).values();
    }

    /** Returns the life of the numbering of all channels together; of copies, that of their source. */
    public String epoch() {
        return epoch;
    }

    /**
     * Begins another life of the numbering, under which all goes on as it is: whoever stands in the one before gets all
     * anew. For a source whose history may be lost to others.
     */
    public void beginEpoch(String value) {
        epoch = value;
        ownEpoch = value;
        version++;
    }

    /** Tells the listener that an update was not taken. */
    public void refused(String channel, String why) {
        owner.refused(channel, why);
    }

    /** Returns the life of the numbering of channels that come into being here. */
    String ownEpoch() {
        return ownEpoch;
    }

    /** Returns whether most channels are numbered elsewhere, so that clients can be ahead of them. */
    boolean areCopies() {
        return copies;
    }

    /** Returns whether the channels are there: copies are once they were told as a whole. */
    boolean areThere() {
        return there;
    }

    long changes() {
        return changes;
    }

    /** Returns a number that is another after anything has changed, copies and others. */
    long version() {
        return version;
    }

    /** Returns the channels that others can have copies of: all but private ones and, among copies, those made here. */
    List<Channel> shared() {
        return byName.values().stream()
                .filter(channel -> channel.isCopy() == copies)
                .toList();
    }

    /** Sets how far the copies are. */
    void moveTo(long count) {
        changes = count;
        version++;
    }

    /** Adds a copy that is filled already. */
    void addCopy(Channel copy) {
        add(copy);
    }

    /**
     * Puts other channels in the place of those that are shared.
     *
     * @param life of their numbering
     * @param count of changes of them all
     * @param fresh by name
     */
    void replace(String life, long count, List<Channel> fresh) {
        String before = epoch;
        for (Channel each : shared()) {
            byName.remove(each.name());
            this.count--;
        }
        epoch = life;
        if (!copies) {
            ownEpoch = life;
        }
        changes = count;
        there = true;
        version++;
        for (Channel each : fresh) {
            byName.put(each.name(), each);
            this.count++;
        }
        owner.replaced(before);
    }

    int nextId() {
        return ids++;
    }

    /** Counts a change, in the position of all together unless this channel is not part of that. */
    long countChange(Channel channel) {
        version++;
        return channel.isCopy() == copies ? ++changes : changes;
    }

    long changed(Channel channel) {
        channel.forgetEncoded();
        return countChange(channel);
    }

    void flushLog(LogChannel channel) {
        owner.flushLog(channel);
    }

    void hasEncoded(Channel channel) {
        withEncoded.add(channel);
    }

    void forgetEncoded() {
        for (Channel channel : withEncoded) {
            channel.forgetEncoded();
        }
        withEncoded.clear();
    }

    private boolean hasRoom(String name) {
        if (count < channelsMax) {
            return true;
        }
        owner.refused(name, "a channel would be one more than the " + channelsMax + " that the hub may have");
        return false;
    }

    private Channel add(Channel channel) {
        byName.put(channel.name(), channel);
        count++;
        owner.created(channel);
        return channel;
    }

    /** What the hub does about its channels. */
    interface Owner {
        void created(Channel channel);

        void replaced(String epochBefore);

        void flushLog(LogChannel channel);

        void refused(String channel, String why);
    }
}
