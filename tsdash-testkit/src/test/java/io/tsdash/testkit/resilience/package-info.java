/** Tests of the guards of core, which need the manual clock. */
@org.jspecify.annotations.NullMarked
package io.tsdash.testkit.resilience;
