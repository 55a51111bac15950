@org.jspecify.annotations.NullMarked
package io.tsdash.delta;
