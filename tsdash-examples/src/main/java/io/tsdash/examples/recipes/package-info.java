/** One file each: how to do one thing with tsdash. */
@org.jspecify.annotations.NullMarked
package io.tsdash.examples.recipes;
