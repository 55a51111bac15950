package io.tsdash.cache;

/**
 * A value on its way to its store.
 *
 * @param key under which it is kept
 * @param value the value
 */
public record KeyedValue<V>(String key, V value) {}
