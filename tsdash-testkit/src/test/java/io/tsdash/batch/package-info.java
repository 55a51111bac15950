/** How threads may take turns at the parts of {@code io.tsdash.batch} that are not public. */
@org.jspecify.annotations.NullMarked
package io.tsdash.batch;
