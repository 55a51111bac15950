/** Brings trades to a store in batches, through failures, without losing one in silence. */
@org.jspecify.annotations.NullMarked
package io.tsdash.store.writer;
