/** Keeps recent answers close, and says when they reach the store. */
@org.jspecify.annotations.NullMarked
package io.tsdash.cache;
