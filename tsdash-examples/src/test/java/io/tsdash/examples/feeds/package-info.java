/** The exchange feeds against recorded captures, served by a local server that behaves like the exchange. */
@org.jspecify.annotations.NullMarked
package io.tsdash.examples.feeds;
