/** Keeps trades and bars and answers range questions. */
@org.jspecify.annotations.NullMarked
package io.tsdash.store;
