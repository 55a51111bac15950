package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.tsdash.distribution.MarketSchemas;
import io.tsdash.distribution.MessageCodec;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.distribution.SnapshotReason;
import io.tsdash.distribution.StateChannel;
import io.tsdash.transport.proto.PriceUpdate;
import io.tsdash.transport.proto.ServerFrame;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Reads our frames by what protoc makes of the schema, as any other client would. */
class ProtobufSchemaTest {
    private final MessageCodec encoder = WireCodec.protobuf().encoder();

    @Test
    void plainClientReadsPricesByTheSchema() throws IOException {
        try (ChannelBench bench = new ChannelBench()) {
            StateChannel prices = bench.state("prices:AAPL", MarketSchemas.PRICE);
            ChannelBench.set(prices, "AAPL", row -> {
                ChannelBench.put(row, "symbol", "AAPL");
                ChannelBench.put(row, "price", 150.25);
                ChannelBench.put(row, "volume", 0.5);
                ChannelBench.put(row, "side", "SELL");
                ChannelBench.put(row, "time", 1_723_161_255_342_000_001L);
            });
            byte[] snapshot = encoder.snapshot(prices, SnapshotReason.SUBSCRIBED);
            ChannelBench.set(prices, "AAPL", row -> {
                ChannelBench.put(row, "price", 150.26);
                ChannelBench.put(row, "side", null);
            });
            byte[] frame = encoder.frame(List.of(snapshot, encoder.delta(prices, 1)), "");

            ServerFrame read = ServerFrame.parseFrom(frame);
            PriceUpdate whole = read.getMessages(0).getSnapshot().getPrices(0);
            assertThat(whole.getSymbol()).isEqualTo("AAPL");
            assertThat(whole.getPrice()).isEqualTo(150.25);
            assertThat(whole.getVolume()).isEqualTo(0.5);
            assertThat(whole.getTimestamp()).isEqualTo(1_723_161_255_342_000_001L);
            assertThat(whole.getType()).isEqualTo(PriceUpdate.UpdateType.SNAPSHOT);
            PriceUpdate change = read.getMessages(1).getDelta().getPrices(0);
            assertThat(change.getPrice()).isEqualTo(150.26);
            assertThat(change.hasVolume()).isFalse();
            assertThat(change.getType()).isEqualTo(PriceUpdate.UpdateType.DELTA);
            assertThat(change.getVanishedList()).containsExactly("side");
            assertThat(WireCodec.protobuf().decoder().decode(read.toByteArray()))
                    .as("what protoc's classes write")
                    .isEqualTo(WireCodec.protobuf().decoder().decode(frame));
        }
    }

    @Test
    void everyMessageIsInTheSchema() throws IOException {
        List<ServerMessage> messages = List.of(
                new ServerMessage.Hello("s", 5, "v"),
                new ServerMessage.Subscribed(1, List.of("a")),
                new ServerMessage.Unsubscribed(1, List.of("a")),
                new ServerMessage.Pong(1),
                new ServerMessage.Heartbeat(1, 2, 3),
                new ServerMessage.Failure(OptionalLong.of(1), 4400, "m", true));
        ServerFrame frame = ServerFrame.parseFrom(
                encoder.frame(messages.stream().map(encoder::control).toList(), ""));
        assertThat(frame.getMessagesList()).hasSize(messages.size()).allSatisfy(message -> {
            assertThat(message.getMessageCase().getNumber()).isPositive();
            assertThat(unknownBytes(message)).isZero();
        });
        assertThat(frame.getMessages(5).getError().getMessage()).isEqualTo("m");
    }

    @Test
    void schemaLiesInTheJar() throws IOException {
        try (InputStream schema = WireCodec.class.getResourceAsStream("/tsdash.proto")) {
            assertThat(schema).isNotNull();
            assertThat(new String(schema.readAllBytes(), StandardCharsets.UTF_8))
                    .contains("message PriceUpdate");
        }
    }

    private static int unknownBytes(Message message) {
        int bytes = message.getUnknownFields().getSerializedSize();
        for (Object value : message.getAllFields().values()) {
            if (value instanceof Message inner) {
                bytes += unknownBytes(inner);
            }
        }
        return bytes;
    }
}
