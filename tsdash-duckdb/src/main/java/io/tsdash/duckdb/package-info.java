/** The store SPI on DuckDB: durable, embedded, nothing to install. */
@org.jspecify.annotations.NullMarked
package io.tsdash.duckdb;
