/** The forms in which events, bars and other aggregates lie in Kafka's records. */
@org.jspecify.annotations.NullMarked
package io.tsdash.kafka.format;
