/** The aggregation as a topology of Kafka Streams: the same bars as in process, exactly once, on as many machines as wanted. */
@org.jspecify.annotations.NullMarked
package io.tsdash.kafka.streams;
