/** Describes a state as a snapshot and the changes that follow it. */
@org.jspecify.annotations.NullMarked
package io.tsdash.delta;
