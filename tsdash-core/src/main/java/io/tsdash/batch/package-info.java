/** Brings items to where they are kept: in batches, through failures, without losing one in silence. */
@org.jspecify.annotations.NullMarked
package io.tsdash.batch;
