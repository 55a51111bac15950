/** Tests of clients that are not written in Java, against a server over a network that can be cut. */
@org.jspecify.annotations.NullMarked
package io.tsdash.examples.clients;
