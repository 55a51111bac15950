@org.jspecify.annotations.NullMarked
package io.tsdash.client;
