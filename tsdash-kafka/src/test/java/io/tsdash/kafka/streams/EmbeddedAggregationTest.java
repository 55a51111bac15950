package io.tsdash.kafka.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.kafka.format.Format;
import io.tsdash.kafka.format.RecordSerdes;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Trade;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.junit.jupiter.api.Test;

/** The recipe of docs/kafka-streams.md, with trades in it. */
class EmbeddedAggregationTest {

    @Test
    void barsStandBesideATopologyOfYourOwn() {
        StreamsBuilder own = new StreamsBuilder();
        own.stream("aggregates-1m", Consumed.with(Serdes.String(), RecordSerdes.bars(Format.PROTOBUF)))
                .filter((symbol, bar) -> bar.volume() > 1_000_000)
                .to("heavy-minutes", Produced.with(Serdes.String(), RecordSerdes.bars(Format.JSON)));

        AggregationTopology aggregation = AggregationTopology.builder()
                .intervals(Interval.parse("1s"), Interval.parse("1m"))
                .averages(Duration.ofSeconds(30))
                .build();
        Topology topology = aggregation.addTo(own.build());

        Map<String, Object> config = AggregationTopology.config("my-bars", "localhost:9092");

        assertThat(heavyMinute(topology, config).volume()).isEqualTo(2_000_000);
    }

    private static Bar heavyMinute(Topology topology, Map<String, Object> config) {
        Properties properties = new Properties();
        properties.putAll(config);
        try (TopologyTestDriver driver = new TopologyTestDriver(topology, properties)) {
            var trades = driver.createInputTopic(
                    "trades",
                    new StringSerializer(),
                    RecordSerdes.events(Format.PROTOBUF).serializer());
            long start = 1_741_098_600_000_000_000L;
            for (MarketEvent trade : new MarketEvent[] {
                Trade.of("A", start, 1, 5, 2_000_000), Trade.of("A", start + 60_000_000_000L, 2, 5, 1)
            }) {
                trades.pipeInput("A", trade);
            }
            return driver.createOutputTopic(
                            "heavy-minutes",
                            new StringDeserializer(),
                            RecordSerdes.bars(Format.PROTOBUF).deserializer())
                    .readValue();
        }
    }
}
