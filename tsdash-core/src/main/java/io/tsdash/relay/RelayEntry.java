package io.tsdash.relay;

/**
 * A cut of the channels, or a snapshot of them.
 *
 * @param index its place in the log, from 1; of a snapshot, the place of the last cut that it holds, 0 for none
 * @param bytes as {@code docs/codecs.md} describes them; not copied, and not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record RelayEntry(long index, byte[] bytes) {}
