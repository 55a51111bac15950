package io.tsdash.benchmarks.regions;

/**
 * How a part keeps its data in two regions. The numbers are assumptions, not measurements.
 *
 * @param name what it is
 * @param medianMillis half of the time the other region is behind by no more than this
 * @param spread sigma of the lag's logarithm: lag is taken for log-normal, mostly short and now and then long
 * @param acknowledged whether a write is acknowledged only when the other region has it
 * @param takeOverSeconds how long it takes, once decided, until the other region takes writes
 */
record Replication(String name, double medianMillis, double spread, boolean acknowledged, double takeOverSeconds) {}
