package io.tsdash.store;

/**
 * What became of a batch; the three add up to its size.
 *
 * @param inserted identities that were not there
 * @param replaced identities that got a higher version
 * @param duplicates those that were there already, with this version or a higher one
 */
public record AppendResult(int inserted, int replaced, int duplicates) {}
