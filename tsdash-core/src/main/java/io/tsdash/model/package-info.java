/** Market events and bars as immutable values. */
@org.jspecify.annotations.NullMarked
package io.tsdash.model;
