/** The bus on Kafka: topics of trades and bars, with positions that survive and nothing lost on the way. */
@org.jspecify.annotations.NullMarked
package io.tsdash.kafka;
