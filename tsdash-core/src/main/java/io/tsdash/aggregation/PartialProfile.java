package io.tsdash.aggregation;

import io.tsdash.model.DecimalSum;
import io.tsdash.model.Decimals;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The volume of some trades by price step; mergeable. Single-threaded. */
final class PartialProfile implements PartialAggregate<PartialProfile> {
    private static final class Level {
        final DecimalSum volume = new DecimalSum();
        long tradeCount;
    }

    private static final int LEVEL_BYTES = 2 * Long.BYTES + 2 * Double.BYTES;

    private final double step;
    private final Map<Long, Level> levels = new TreeMap<>(); // by price / step, rounded down
    private long tradeCount;

    PartialProfile(double step) {
        this.step = step;
    }

    @Override
    public void add(
            long eventTimeNanos, long sequence, double price, double volume, boolean setsPrice, boolean countsVolume) {
        tradeCount++;
        if (countsVolume) {
            Level level = level(stepOf(price));
            level.volume.add(volume);
            level.tradeCount++;
        }
    }

    @Override
    public void merge(PartialProfile other) {
        tradeCount += other.tradeCount;
        other.levels.forEach((step, from) -> {
            Level level = level(step);
            level.volume.add(from.volume);
            level.tradeCount += from.tradeCount;
        });
    }

    @Override
    public void reset() {
        levels.clear();
        tradeCount = 0;
    }

    @Override
    public long tradeCount() {
        return tradeCount;
    }

    @Override
    public int stateBytes() {
        return Long.BYTES + Integer.BYTES + levels.size() * LEVEL_BYTES;
    }

    @Override
    public void writeTo(ByteBuffer out) {
        out.putLong(tradeCount).putInt(levels.size());
        levels.forEach((index, level) -> out.putLong(index)
                .putLong(level.tradeCount)
                .putDouble(level.volume.high())
                .putDouble(level.volume.low()));
    }

    @Override
    public void mergeFrom(ByteBuffer in) {
        tradeCount += in.getLong();
        for (int left = in.getInt(); left > 0; left--) {
            Level level = level(in.getLong());
            level.tradeCount += in.getLong();
            level.volume.add(in.getDouble(), in.getDouble());
        }
    }

    List<VolumeProfile.Level> toLevels() {
        List<VolumeProfile.Level> result = new ArrayList<>(levels.size());
        levels.forEach((index, level) -> result.add(
                new VolumeProfile.Level(Decimals.multiple(index, step), level.volume.value(), level.tradeCount)));
        return result;
    }

    /** The step that holds this price; a price on an edge, as decimals go, belongs to the step above the edge. */
    private long stepOf(double price) {
        long index = (long) Math.floor(price / step);
        if (Decimals.multiple(index + 1, step) <= price) {
            return index + 1;
        }
        return Decimals.multiple(index, step) > price ? index - 1 : index;
    }

    private Level level(long index) {
        return levels.computeIfAbsent(index, key -> new Level());
    }
}
