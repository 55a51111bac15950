/** The two clocks: one for timestamps, one for durations. */
@org.jspecify.annotations.NullMarked
package io.tsdash.time;
