package io.tsdash.examples.server;

/** Who may read the metrics of a server. */
public enum MetricsAccess {
    /** Everyone who reaches it. */
    OPEN,
    /** Who has the permission {@code metrics}, on a server that asks who its clients are; else everyone. */
    PERMISSION,
    /** Nobody: nothing is measured. */
    OFF
}
