/** Ten thousand clients of one server, beside plain rivals. */
@org.jspecify.annotations.NullMarked
package io.tsdash.benchmarks.fanout;
