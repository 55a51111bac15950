@org.jspecify.annotations.NullMarked
package io.tsdash.observability.trace;
