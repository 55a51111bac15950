/** Paper trading: orders that fill against the market that is seen, kept in a journal. */
@org.jspecify.annotations.NullMarked
package io.tsdash.examples.orders;
