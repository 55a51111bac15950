package io.tsdash.bus;

/**
 * What kind of bus it is; some rules of {@link EventBus} differ by it.
 *
 * @param name what people call it, such as {@code kafka}
 * @param keepsWaiting whether it keeps events for consumers itself, so that one that is full or has stopped holds no
 *     publisher back and finds them later
 * @param betweenProcesses whether publishers and consumers may be in different processes
 */
public record BusCapabilities(String name, boolean keepsWaiting, boolean betweenProcesses) {}
