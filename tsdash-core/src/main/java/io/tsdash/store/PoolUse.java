package io.tsdash.store;

import io.tsdash.error.InvalidInputException;

/**
 * How many connections to its engine a store uses at a moment, of how many it may have; one more call than those waits.
 *
 * @param inUse those that a call has, 0 to {@code max}
 * @param max the bound, at least 1
 */
public record PoolUse(int inUse, int max) {
    /** @throws InvalidInputException if there is no bound, or more is in use than there may be */
    public PoolUse {
        if (max < 1 || inUse < 0 || inUse > max) {
            throw new InvalidInputException(
                    "inUse was '" + inUse + "' of max '" + max + "' but it must be 0 to max, and that at least 1");
        }
    }
}
