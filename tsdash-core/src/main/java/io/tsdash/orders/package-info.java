/** Takes orders to whoever executes them, and tells what becomes of them. */
@org.jspecify.annotations.NullMarked
package io.tsdash.orders;
