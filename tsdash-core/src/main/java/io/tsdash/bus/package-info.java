/** Carries events between threads or processes, ordered per symbol. */
@org.jspecify.annotations.NullMarked
package io.tsdash.bus;
