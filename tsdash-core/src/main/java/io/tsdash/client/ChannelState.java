package io.tsdash.client;

import io.tsdash.delta.StateChecksum;
import io.tsdash.distribution.Position;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One channel as a client knows it. Owned by its {@link Replica}. */
final class ChannelState {
    private final int logRowsMax;
    private final Map<Object, Map<String, @Nullable Object>> rows = new LinkedHashMap<>();
    private final ArrayDeque<Map<String, @Nullable Object>> log = new ArrayDeque<>();
    private String key = "";
    private String epoch = "";
    private long sequence;
    private boolean known;
    private boolean broken;
    private long resets;
    private long resumedAt = Long.MAX_VALUE;

    ChannelState(int logRowsMax) {
        this.logRowsMax = logRowsMax;
    }

    /** Takes the whole channel; true when something may have been missed between what was known and this. */
    boolean replace(Position position, String keyName, List<Map<String, @Nullable Object>> all, boolean told) {
        boolean sameLife = known && position.epoch().equals(epoch) && position.sequence() >= sequence;
        long news = position.sequence() - sequence;
        boolean reset = told || (known && (!sameLife || (keyName.isEmpty() && news > all.size())));
        if (reset || !known || !keyName.isEmpty()) {
            rows.clear();
            log.clear();
            key = keyName;
            all.forEach(this::merge);
        } else {
            // A log that is shown again from a place that was known: only its end is new.
            all.subList(all.size() - (int) news, all.size()).forEach(this::merge);
        }
        epoch = position.epoch();
        sequence = position.sequence();
        known = true;
        broken = false;
        resumedAt = Long.MAX_VALUE;
        if (reset) {
            resets++;
        }
        return reset;
    }

    /** Goes on from where the server knows this client to be; false when that is not a place it has been at. */
    boolean resume(Position position) {
        if (!known || !position.epoch().equals(epoch) || position.sequence() > sequence) {
            broken = true;
            return false;
        }
        broken = false;
        resumedAt = position.sequence();
        return true;
    }

    /** Takes a change; false when something is missing before it. */
    boolean change(long previous, long next, List<Map<String, @Nullable Object>> changed) {
        // After a stream was resumed from an older place, the first change may begin before what is known.
        boolean follows = previous == sequence || (previous == resumedAt && previous < sequence);
        if (!known || broken || !follows) {
            broken = true;
            return false;
        }
        if (next < sequence) {
            // A server that is behind the one that this client comes from: what it tells is known here.
            resumedAt = next;
            return true;
        }
        resumedAt = Long.MAX_VALUE;
        int seen = key.isEmpty() ? (int) Math.min(sequence - previous, changed.size()) : 0;
        changed.subList(seen, changed.size()).forEach(this::merge);
        sequence = Math.max(sequence, next);
        return true;
    }

    boolean isCurrent() {
        return known && !broken;
    }

    boolean isKnown() {
        return known;
    }

    long resets() {
        return resets;
    }

    Position position() {
        return new Position(epoch, sequence);
    }

    List<Map<String, @Nullable Object>> rows() {
        return new ArrayList<>(key.isEmpty() ? log : rows.values());
    }

    OptionalLong checksum() {
        if (!known || key.isEmpty()) {
            return OptionalLong.empty();
        }
        Map<String, Map<String, @Nullable Object>> byText = new TreeMap<>();
        rows.forEach((id, row) -> byText.put(id.toString(), row));
        StateChecksum checksum = new StateChecksum();
        byText.values().forEach(checksum::add);
        return OptionalLong.of(checksum.value());
    }

    private void merge(Map<String, @Nullable Object> row) {
        if (key.isEmpty()) {
            log.addLast(row);
            if (log.size() > logRowsMax) {
                log.removeFirst();
            }
            return;
        }
        Object id = row.get(key);
        if (id == null) {
            return;
        }
        if (Boolean.TRUE.equals(row.get("removed"))) {
            rows.remove(id);
            return;
        }
        Map<String, @Nullable Object> mine = rows.computeIfAbsent(id, any -> new LinkedHashMap<>());
        row.forEach((field, value) -> {
            if (value == null) {
                mine.remove(field);
            } else {
                mine.put(field, value);
            }
        });
    }
}
