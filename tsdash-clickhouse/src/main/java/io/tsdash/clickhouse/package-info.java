/** Keeps trades and bars in ClickHouse, on one server or a cluster. */
@org.jspecify.annotations.NullMarked
package io.tsdash.clickhouse;
