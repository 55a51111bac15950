package io.tsdash.examples.recipes;

import io.tsdash.kafka.format.Format;
import io.tsdash.kafka.format.RecordSerdes;
import io.tsdash.kafka.streams.AggregationTopology;
import io.tsdash.kafka.streams.ThreadFailures;
import io.tsdash.model.Interval;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;

/** The aggregation as a part of a Kafka Streams topology of your own. */
public final class BarsInKafkaStreams {

    private BarsInKafkaStreams() {}

    /** Prints the topics; with the argument {@code run}, on brokers at localhost:9092, runs until it is ended. */
    public static void main(String[] args) {
        StreamsBuilder own = new StreamsBuilder();
        own.stream("aggregates-1m", Consumed.with(Serdes.String(), RecordSerdes.bars(Format.PROTOBUF)))
                .filter((window, bar) -> bar.volume() > 1_000_000)
                .to("heavy-minutes", Produced.with(Serdes.String(), RecordSerdes.bars(Format.JSON)));

        AggregationTopology aggregation = AggregationTopology.builder()
                .intervals(Interval.parse("1s"), Interval.parse("1m"))
                .averages(Duration.ofSeconds(30))
                .build();
        Topology topology = aggregation.addTo(own.build());

        Map<String, Object> config = AggregationTopology.config("my-bars", "localhost:9092");
        System.out.println("reads " + aggregation.input() + ", writes " + aggregation.outputs());
        if (args.length == 1 && args[0].equals("run")) {
            run(topology, config);
        }
    }

    private static void run(Topology topology, Map<String, Object> config) {
        Properties properties = new Properties();
        properties.putAll(config);
        KafkaStreams streams = new KafkaStreams(topology, properties);
        streams.setUncaughtExceptionHandler(new ThreadFailures(
                TimeSource.system(), (failure, response) -> System.err.println(response + " after " + failure)));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(30))));
        streams.start();
    }
}
