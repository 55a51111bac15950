/** What steps of {@code io.tsdash.pipeline} that are not public tell. */
@org.jspecify.annotations.NullMarked
package io.tsdash.pipeline;
