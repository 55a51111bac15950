/** Programs that measure tsdash beside what others do, in one run. */
@org.jspecify.annotations.NullMarked
package io.tsdash.benchmarks;
