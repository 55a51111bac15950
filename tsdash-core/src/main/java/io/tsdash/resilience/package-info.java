/** Keeps a part that fails from taking others with it. */
@org.jspecify.annotations.NullMarked
package io.tsdash.resilience;
