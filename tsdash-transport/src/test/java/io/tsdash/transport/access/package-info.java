/** Tests of access. */
@org.jspecify.annotations.NullMarked
package io.tsdash.transport.access;
