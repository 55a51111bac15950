/** Follows one thing through all steps, as spans of a trace. */
@org.jspecify.annotations.NullMarked
package io.tsdash.trace;
