/** Where trades and quotes come from, in sequence. */
@org.jspecify.annotations.NullMarked
package io.tsdash.source;
