/** Keeps trades and bars in TimescaleDB, or in PostgreSQL without it. */
@org.jspecify.annotations.NullMarked
package io.tsdash.timescale;
