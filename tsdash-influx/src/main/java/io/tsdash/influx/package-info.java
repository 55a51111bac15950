/** Keeps trades and bars in InfluxDB, whatever its generation. */
@org.jspecify.annotations.NullMarked
package io.tsdash.influx;
