/** What the tests of the examples share, and the test of the code in documents. */
@org.jspecify.annotations.NullMarked
package io.tsdash.examples;
