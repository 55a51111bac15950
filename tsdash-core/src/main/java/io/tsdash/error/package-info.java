/** Exceptions that tell the caller whether trying again can help. */
@org.jspecify.annotations.NullMarked
package io.tsdash.error;
