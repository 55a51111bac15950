/** Who a client is, what it may see, and how much of the server it may use. */
@org.jspecify.annotations.NullMarked
package io.tsdash.transport.access;
