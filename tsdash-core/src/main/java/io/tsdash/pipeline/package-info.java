/** Wires the steps together and owns their threads. */
@org.jspecify.annotations.NullMarked
package io.tsdash.pipeline;
