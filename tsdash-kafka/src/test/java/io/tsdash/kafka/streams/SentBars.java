package io.tsdash.kafka.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.kafka.format.Format;
import io.tsdash.kafka.format.RecordSerdes;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads all that is committed in topics of bars, and checks what must hold of any of it. */
final class SentBars implements AutoCloseable {
    private final KafkaConsumer<String, Bar> consumer;
    private final Map<String, List<Bar>> byIdentity = new TreeMap<>();
    private final Map<String, Integer> partitionOf = new TreeMap<>();
    private long count;

    SentBars(String servers, Collection<String> topics) {
        consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", servers, "isolation.level", "read_committed"),
                new StringDeserializer(),
                RecordSerdes.bars(Format.PROTOBUF).deserializer());
        List<TopicPartition> partitions = topics.stream()
                .flatMap(topic -> consumer.partitionsFor(topic).stream())
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /** Reads until this holds, but not for longer than some time; returns whether it held. */
    boolean readUntil(BooleanSupplier enough, Duration most) {
        long end = System.nanoTime() + most.toNanos();
        while (!enough.getAsBoolean()) {
            if (System.nanoTime() > end) {
                return false;
            }
            consumer.poll(Duration.ofMillis(100)).forEach(record -> {
                Bar bar = record.value();
                assertThat(WindowKey.parse(record.key())).isEqualTo(new WindowKey(bar.symbol(), bar.openTimeNanos()));
                assertThat(record.partition())
                        .isEqualTo(partitionOf.computeIfAbsent(bar.symbol(), symbol -> record.partition()));
                count++;
                byIdentity
                        .computeIfAbsent(identity(record.value()), key -> new ArrayList<>())
                        .add(record.value());
            });
        }
        return true;
    }

    long count() {
        return count;
    }

    /** Returns the last content of each bar that was not taken back, whatever its state. */
    Map<String, Bar> contents() {
        return byIdentity.entrySet().stream()
                .map(entry -> entry.getValue().get(entry.getValue().size() - 1))
                .filter(bar -> !bar.isRetracted())
                .collect(Collectors.toMap(SentBars::identity, SentBars::content, (a, b) -> b, TreeMap::new));
    }

    /** Returns what is in one of the two only, or not the same in both. */
    List<String> differencesTo(Map<String, Bar> expected) {
        Map<String, Bar> contents = contents();
        return Stream.concat(expected.keySet().stream(), contents.keySet().stream())
                .distinct()
                .filter(identity -> !Objects.equals(expected.get(identity), contents.get(identity)))
                .map(identity -> identity + " should be " + expected.get(identity) + " but was sent as "
                        + byIdentity.getOrDefault(identity, List.of()))
                .toList();
    }

    List<Bar> of(String symbol) {
        return byIdentity.values().stream()
                .flatMap(List::stream)
                .filter(bar -> bar.symbol().equals(symbol))
                .toList();
    }

    long revisions() {
        return byIdentity.values().stream()
                .flatMap(List::stream)
                .filter(bar -> bar.state() == BarState.REVISED)
                .count();
    }

    /** Each bar was closed once, as revision 0, and revised as 1, 2, 3 and so on: nothing twice, nothing left out. */
    void assertEachSaidOnce() {
        byIdentity.forEach((identity, bars) -> {
            int next = 0;
            for (Bar bar : bars) {
                if (bar.state() == BarState.OPEN) {
                    assertThat(next)
                            .as("open after it was closed: %s", identity)
                            .isZero();
                } else {
                    assertThat(bar.revision())
                            .as("revisions of %s: %s", identity, bars)
                            .isEqualTo(next);
                    assertThat(bar.state()).isEqualTo(next == 0 ? BarState.CLOSED : BarState.REVISED);
                    next++;
                }
            }
        });
    }

    static String identity(Bar bar) {
        return bar.symbol() + " " + bar.interval().text() + " " + bar.openTimeNanos();
    }

    static Bar content(Bar bar) {
        return new Bar(
                bar.symbol(),
                bar.interval(),
                bar.openTimeNanos(),
                bar.closeTimeNanos(),
                bar.open(),
                bar.high(),
                bar.low(),
                bar.close(),
                bar.volume(),
                bar.notional(),
                bar.tradeCount(),
                bar.firstEventNanos(),
                bar.lastEventNanos(),
                0,
                BarState.OPEN);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
