/** Turns trades into bars as event time advances. */
@org.jspecify.annotations.NullMarked
package io.tsdash.aggregation;
