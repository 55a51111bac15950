package io.tsdash.distribution;

/**
 * A place in a channel's history.
 *
 * @param epoch the life of the numbering; with another epoch, history may be lost
 * @param sequence how many changes of the channel lie before this place
 */
public record Position(String epoch, long sequence) {}
