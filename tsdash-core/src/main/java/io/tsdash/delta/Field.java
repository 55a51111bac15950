package io.tsdash.delta;

/**
 * One field of a record.
 *
 * @param name its name on the wire
 * @param kind what it holds
 */
public record Field(String name, FieldKind kind) {}
