/** Sends channel updates to sessions at the speed each can take. */
@org.jspecify.annotations.NullMarked
package io.tsdash.distribution;
