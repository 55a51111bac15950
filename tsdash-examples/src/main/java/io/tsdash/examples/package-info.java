/** The reference server, its command line and recipes, assembled from the parts of tsdash. */
@org.jspecify.annotations.NullMarked
package io.tsdash.examples;
