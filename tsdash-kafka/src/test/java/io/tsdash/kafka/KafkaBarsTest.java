package io.tsdash.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.bus.BusConsumer;
import io.tsdash.bus.ConsumerOptions;
import io.tsdash.error.PermanentException;
import io.tsdash.kafka.format.Format;
import io.tsdash.kafka.format.Formats;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.testkit.RecordingBusListener;
import io.tsdash.time.TimeSource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KafkaBarsTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final byte[] KEY = "ACME".getBytes(StandardCharsets.UTF_8);

    private final RecordingBusListener listener = new RecordingBusListener();

    @Test
    void readsBarsOfAllItsTopicsAndGoesOnWhereItStood() throws Exception {
        KafkaBusOptions options = Brokers.fresh().partitions(2).build();
        List<String> topics = List.of(options.topic() + "-1s", options.topic() + "-1m");
        List<Bar> first = Collections.synchronizedList(new ArrayList<>());
        try (KafkaBars bars = open(options, topics)) {
            BusConsumer consumer = bars.subscribe(ConsumerOptions.blocking("view"), first::addAll);
            write(options, topics.get(0), 0, bar("1s", 0));
            write(options, topics.get(1), 0, bar("1m", 0));
            write(options, topics.get(1), 1, bar("1m", 60));
            assertThat(bars.drain(LONG)).isTrue();
            assertThat(consumer.acknowledged()).isEqualTo(3);
            assertThat(consumer.lag()).isZero();
        }
        write(options, topics.get(0), 0, bar("1s", 1));
        List<Bar> second = Collections.synchronizedList(new ArrayList<>());
        try (KafkaBars bars = open(options, topics)) {
            bars.subscribe(ConsumerOptions.blocking("view"), second::addAll);
            assertThat(bars.drain(LONG)).isTrue();
        }
        assertThat(first).containsExactlyInAnyOrder(bar("1s", 0), bar("1m", 0), bar("1m", 60));
        assertThat(second).containsExactly(bar("1s", 1));
    }

    @Test
    void setsBarsAsideThatCannotBeRead() throws Exception {
        KafkaBusOptions options = Brokers.fresh().partitions(1).build();
        List<String> topics = List.of(options.topic() + "-1s");
        List<Bar> taken = Collections.synchronizedList(new ArrayList<>());
        try (KafkaBars bars = open(options, topics)) {
            bars.subscribe(ConsumerOptions.dropping("view"), taken::addAll);
            RawTopic.write(options.servers(), topics.get(0), 0, KEY, new byte[] {1, 2, 3});
            write(options, topics.get(0), 0, bar("1s", 0));
            assertThat(bars.drain(LONG)).isTrue();
        }
        assertThat(taken).containsExactly(bar("1s", 0));
        assertThat(RawTopic.read(options.servers(), options.deadLetterTopic())).hasSize(1);
    }

    @Test
    void refusesConsumersOnceItIsClosed() {
        KafkaBusOptions options = Brokers.fresh().partitions(1).build();
        KafkaBars bars = open(options, List.of(options.topic() + "-1s"));
        bars.close();
        bars.close();
        assertThatThrownBy(() -> bars.subscribe(ConsumerOptions.blocking("view"), any -> {}))
                .isInstanceOf(PermanentException.class);
    }

    private KafkaBars open(KafkaBusOptions options, List<String> topics) {
        return KafkaBars.open(options, topics, listener, TimeSource.system());
    }

    private static void write(KafkaBusOptions options, String topic, int partition, Bar bar) throws Exception {
        RawTopic.write(
                options.servers(),
                topic,
                partition,
                KEY,
                Formats.bars(Format.PROTOBUF).write(bar));
    }

    private static Bar bar(String interval, long second) {
        Interval length = Interval.parse(interval);
        long open = length.openTimeNanos(1_700_000_040_000_000_000L + second * 1_000_000_000);
        return new Bar(
                "ACME",
                length,
                open,
                length.closeTimeNanos(open),
                1,
                3,
                0.5,
                2.25,
                10,
                20,
                4,
                open,
                open + 5,
                1,
                BarState.REVISED);
    }
}
