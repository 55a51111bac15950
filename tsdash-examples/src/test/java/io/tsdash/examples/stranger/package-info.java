/** Tests that someone who has only the protocol's page can write a client. */
@org.jspecify.annotations.NullMarked
package io.tsdash.examples.stranger;
