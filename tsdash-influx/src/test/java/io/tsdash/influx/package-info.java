/** Tests of the InfluxDB store on a real server. */
@org.jspecify.annotations.NullMarked
package io.tsdash.influx;
