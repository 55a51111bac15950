/** Feeds of public exchanges: one file and its parser each, on a shared base. */
@org.jspecify.annotations.NullMarked
package io.tsdash.examples.feeds;
