/** Names under which adapters are found. */
@org.jspecify.annotations.NullMarked
package io.tsdash.spi;
