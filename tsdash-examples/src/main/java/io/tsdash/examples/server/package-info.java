/** The reference server: the parts of tsdash, configured and started as one process. */
@org.jspecify.annotations.NullMarked
package io.tsdash.examples.server;
