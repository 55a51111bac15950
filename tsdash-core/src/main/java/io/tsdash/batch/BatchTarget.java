package io.tsdash.batch;

import java.util.List;

/** Takes batches of items for good. Called by one thread a lane, and by one more for what waited on disk. */
@FunctionalInterface
public interface BatchTarget<T> {

    /**
     * Keeps a batch; when this returns, it is kept. The same items may come again after a failure, and one of what waited on disk
     * may hold a key more than once, the newest last.
     *
     * @return how many of them it had already
     * @throws io.tsdash.error.TransientException if the same batch, later, can succeed
     * @throws io.tsdash.error.InvalidInputException if it refuses items of the batch for what they are
     * @throws io.tsdash.error.PermanentException if it refuses the batch for another reason that stays
     */
    int write(List<T> batch);
}
