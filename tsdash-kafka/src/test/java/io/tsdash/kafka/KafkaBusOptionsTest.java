package io.tsdash.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.bus.EventBus;
import io.tsdash.error.ConfigurationException;
import io.tsdash.spi.Buses;
import io.tsdash.testkit.RecordingBusListener;
import io.tsdash.time.TimeSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaBusOptionsTest {

    @Test
    void reportsAllProblemsAtOnce() {
        assertThatThrownBy(() -> KafkaBusOptions.servers("nowhere")
                        .topic("a b")
                        .partitions(0)
                        .replication(-1)
                        .retention(Duration.ZERO)
                        .groupPrefix(" ")
                        .node("n/1")
                        .unacknowledgedMax(0)
                        .publishTimeout(Duration.ZERO)
                        .property("acks", "1")
                        .build())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("servers was 'nowhere' but it must be host:port")
                .hasMessageContaining("topic was 'a b'")
                .hasMessageContaining("partitions was '0' but it must be from 1 to 1024")
                .hasMessageContaining("replication was '-1'")
                .hasMessageContaining("retention was 'PT0S'")
                .hasMessageContaining("groupPrefix was ' '")
                .hasMessageContaining("node was 'n/1'")
                .hasMessageContaining("unacknowledgedMax was '0'")
                .hasMessageContaining("publishTimeout was 'PT0S'")
                .hasMessageContaining("property 'acks' was '1' but the bus sets it itself");
    }

    @Test
    void takesNamesAndAddressesOfSeveralBrokers() {
        assertThat(KafkaBusOptions.servers("one:9092,two.desk.example:9093,10.0.0.3:9094")
                        .build()
                        .servers())
                .isEqualTo("one:9092,two.desk.example:9093,10.0.0.3:9094");
        assertThat(KafkaBusOptions.servers("[::1]:9092").build().servers()).isEqualTo("[::1]:9092");
    }

    @Test
    void opensByNameWithPropertiesOfAFile(@TempDir Path folder) throws Exception {
        Path properties = Files.writeString(folder.resolve("client.properties"), "client.id=desk-1\n");
        KafkaBusOptions fresh = Brokers.fresh().build();
        try (EventBus bus = Buses.open(
                "kafka",
                fresh.servers(),
                Map.of(
                        "topic", fresh.topic(),
                        "partitions", "3",
                        "format", "json",
                        "mapping", "symbol=s,time=T,timeUnit=ms,sequence=t,price=p,volume=q",
                        "compression", "zstd",
                        "properties", properties.toString()),
                new RecordingBusListener(),
                TimeSource.system())) {
            assertThat(bus.partitions()).isEqualTo(3);
            assertThat(bus.capabilities().name()).isEqualTo("kafka");
            assertThat(bus.capabilities().betweenProcesses()).isTrue();
        }
    }

    @Test
    void reportsAllProblemsOfOptionsByNameAtOnce() {
        assertThatThrownBy(() -> Buses.open(
                        "kafka",
                        "here",
                        Map.of(
                                "format", "xml",
                                "mapping", "price",
                                "compression", "rar",
                                "properties", "no-such-file",
                                "partitions", "many",
                                "colour", "red"),
                        new RecordingBusListener(),
                        TimeSource.system()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("servers was 'here'")
                .hasMessageContaining("format was 'xml'")
                .hasMessageContaining("compression was 'rar' but it must be one of none, lz4, snappy, gzip, zstd")
                .hasMessageContaining("properties was 'no-such-file'")
                .hasMessageContaining("partitions was 'many' but it must be a whole number")
                .hasMessageContaining("bus 'kafka' has no option 'colour'");
    }
}
