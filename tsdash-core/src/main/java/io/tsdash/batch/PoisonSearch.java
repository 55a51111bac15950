package io.tsdash.batch;

import io.tsdash.error.InvalidInputException;
import io.tsdash.error.PermanentException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes a batch; where the target refuses it for good, by halves, until only the items that it refuses are left.
 *
 * <p>An item is poison when the target says that the item itself breaks a rule ({@link InvalidInputException}), or when it
 * refuses that item and takes others of the batch. A target that refuses everything, because a password has changed say,
 * is at fault itself; it is not asked for each single item. Single-threaded.
 */
public final class PoisonSearch<T> {
    private static final int REFUSED_ALONE_MAX = 4;

    /**
     * What the target refuses.
     *
     * @param item the one
     * @param reason the target's
     */
    public record Refusal<T>(T item, PermanentException reason) {}

    /**
     * What became of a batch.
     *
     * @param stored acknowledged by the target
     * @param duplicates those of them that it had already
     * @param poison items that it refuses
     */
    public record Result<T>(int stored, int duplicates, List<Refusal<T>> poison) {}

    private final BatchTarget<T> target;
    private final List<Refusal<T>> refused = new ArrayList<>();
    private int stored;
    private int duplicates;
    private @Nullable PermanentException last;

    private PoisonSearch(BatchTarget<T> target) {
        this.target = target;
    }

    /**
     * Writes what can be written.
     *
     * @throws PermanentException if the target takes nothing of it, and the items are not to blame
     * @throws io.tsdash.error.TransientException if the target is away meanwhile: the same batch can be tried again
     */
    public static <T> Result<T> write(BatchTarget<T> target, List<T> batch) {
        PoisonSearch<T> search = new PoisonSearch<>(target);
        search.write(batch);
        PermanentException last = search.last;
        if (last != null && search.isTargetsFault()) {
            throw last;
        }
        return new Result<>(search.stored, search.duplicates, search.refused);
    }

    private void write(List<T> batch) {
        try {
            int known = target.write(batch);
            stored += batch.size();
            duplicates += known;
        } catch (PermanentException e) {
            last = e;
            if (batch.size() == 1) {
                refused.add(new Refusal<>(batch.get(0), e));
                return;
            }
            int half = batch.size() / 2;
            write(batch.subList(0, half));
            if (refused.size() < REFUSED_ALONE_MAX || !isTargetsFault()) {
                write(batch.subList(half, batch.size()));
            }
        }
    }

    private boolean isTargetsFault() {
        return stored == 0 && refused.stream().noneMatch(each -> each.reason() instanceof InvalidInputException);
    }
}
