/** The command line: bars from tapes, and the reference server. */
@org.jspecify.annotations.NullMarked
package io.tsdash.examples.cli;
