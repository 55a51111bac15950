package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.delta.Field;
import io.tsdash.delta.FieldKind;
import io.tsdash.delta.RecordSchema;
import io.tsdash.distribution.Channel;
import io.tsdash.distribution.ClientCommand;
import io.tsdash.distribution.LogChannel;
import io.tsdash.distribution.MarketSchemas;
import io.tsdash.distribution.MessageCodec;
import io.tsdash.distribution.Position;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.distribution.SnapshotReason;
import io.tsdash.distribution.StateChannel;
import io.tsdash.distribution.SubscribeCommand;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.orders.OrderStatus;
import io.tsdash.transport.proto.Authenticate;
import io.tsdash.transport.proto.CancelOrder;
import io.tsdash.transport.proto.Names;
import io.tsdash.transport.proto.Ping;
import io.tsdash.transport.proto.PlaceOrder;
import io.tsdash.transport.proto.Subscribe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Holds each form of the wire to the frames in {@code src/test/resources/vectors}, which clients in other languages
 * read too. {@code -Dtsdash.vectors.write=true} writes them: only for a form that is not released.
 */
class VectorsTest {
    private static final Path FOLDER = Path.of("src", "test", "resources", "vectors");
    private static final RecordSchema ORDER = RecordSchema.of(
            Field.of("account", FieldKind.TEXT),
            Field.of("limit", FieldKind.DOUBLE),
            Field.of("filled", FieldKind.LONG),
            Field.of("time", FieldKind.TIME),
            Field.of("venueId", FieldKind.ID),
            Field.of("version", FieldKind.VERSION),
            Field.of("open", FieldKind.BOOLEAN),
            Field.of("note", FieldKind.TEXT),
            Field.of("tags", FieldKind.TEXTS));
    private static final String TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private static final long NANOS = 1_723_161_255_342_000_001L;

    static List<WireCodec> forms() {
        return WireCodec.all();
    }

    @ParameterizedTest
    @MethodSource("forms")
    void encoderWritesTheFramesOfTheFile(WireCodec form) throws IOException {
        StringBuilder file = new StringBuilder("{\"form\":\"" + form.subprotocol() + "\",\"frames\":[");
        List<Vector> frames = frames(form.encoder());
        List<Vector> json = frames(WireCodec.json().encoder());
        for (int i = 0; i < frames.size(); i++) {
            file.append(i == 0 ? "\n" : ",\n")
                    .append("{\"name\":\"")
                    .append(frames.get(i).name)
                    .append("\",\n \"hex\":\"")
                    .append(HexFormat.of().formatHex(frames.get(i).frame))
                    .append("\",\n \"messages\":")
                    .append(new String(json.get(i).frame, StandardCharsets.UTF_8)
                            .replace("\"protocol\":\"tsdash.v1.json\"", "\"protocol\":\"" + form.subprotocol() + "\""))
                    .append("}");
        }
        holds(form.subprotocol() + ".json", file.append("\n]}\n").toString());
    }

    @ParameterizedTest
    @MethodSource("forms")
    void decoderReadsTheMessagesOfTheFile(WireCodec form) throws IOException {
        WireCodec.Decoder decoder = form.decoder();
        List<ReadVector> vectors = read(FOLDER.resolve(form.subprotocol() + ".json"));
        assertThat(vectors).hasSizeGreaterThan(10);
        for (ReadVector each : vectors) {
            assertThat(decoder.decode(each.hex)).as(each.name).isEqualTo(MessageReader.read(each.messages));
        }
    }

    @Test
    void commandsInBinaryFramesAreThoseInJson() throws IOException {
        SubscribeCommand subscribe = new SubscribeCommand(
                1, List.of("prices:*", "bars:1m:Ä"), 250, Map.of("prices:A", new Position("k3f", 1L << 40)), "");
        ClientCommand unsubscribe = new ClientCommand.Unsubscribe(2, List.of("prices:*"));
        ClientCommand ping = new ClientCommand.Ping(1L << 33);
        ClientCommand checksum = new ClientCommand.Checksum(0, List.of("prices:A"));
        String file = "{\"commands\":["
                + command(
                        subscribe,
                        "{\"op\":\"subscribe\",\"id\":1,\"channels\":[\"prices:*\",\"bars:1m:Ä\"],\"intervalMillis\":250,"
                                + "\"resume\":{\"prices:A\":{\"epoch\":\"k3f\",\"seq\":1099511627776}}}",
                        msgPack(out -> {
                            out.packMapHeader(5).packString("op").packString("subscribe");
                            out.packString("id")
                                    .packInt(1)
                                    .packString("channels")
                                    .packArrayHeader(2);
                            out.packString("prices:*").packString("bars:1m:Ä");
                            out.packString("intervalMillis")
                                    .packInt(250)
                                    .packString("resume")
                                    .packMapHeader(1);
                            out.packString("prices:A")
                                    .packMapHeader(2)
                                    .packString("epoch")
                                    .packString("k3f");
                            out.packString("seq").packLong(1L << 40);
                        }),
                        proto(1).setSubscribe(Subscribe.newBuilder()
                                .addChannels("prices:*")
                                .addChannels("bars:1m:Ä")
                                .setIntervalMillis(250)
                                .putResume(
                                        "prices:A",
                                        io.tsdash.transport.proto.Position.newBuilder()
                                                .setEpoch("k3f")
                                                .setSeq(1L << 40)
                                                .build())))
                + ",\n"
                + command(
                        unsubscribe,
                        "{\"op\":\"unsubscribe\",\"id\":2,\"channels\":[\"prices:*\"]}",
                        msgPack(out -> {
                            out.packMapHeader(3).packString("op").packString("unsubscribe");
                            out.packString("id")
                                    .packInt(2)
                                    .packString("channels")
                                    .packArrayHeader(1);
                            out.packString("prices:*");
                        }),
                        proto(2).setUnsubscribe(Names.newBuilder().addChannels("prices:*")))
                + ",\n"
                + command(
                        ping,
                        "{\"op\":\"ping\",\"id\":8589934592}",
                        msgPack(out -> {
                            out.packMapHeader(2).packString("op").packString("ping");
                            out.packString("id").packLong(1L << 33);
                        }),
                        proto(1L << 33).setPing(Ping.getDefaultInstance()))
                + ",\n"
                + command(
                        checksum,
                        "{\"op\":\"checksum\",\"id\":0,\"channels\":[\"prices:A\"]}",
                        msgPack(out -> {
                            out.packMapHeader(3).packString("op").packString("checksum");
                            out.packString("id")
                                    .packInt(0)
                                    .packString("channels")
                                    .packArrayHeader(1);
                            out.packString("prices:A");
                        }),
                        proto(0).setChecksum(Names.newBuilder().addChannels("prices:A")))
                + ",\n"
                + command(
                        new ClientCommand.Authenticate(3, "eyJ.x.y"),
                        "{\"op\":\"authenticate\",\"id\":3,\"token\":\"eyJ.x.y\"}",
                        msgPack(out -> {
                            out.packMapHeader(3).packString("op").packString("authenticate");
                            out.packString("id").packInt(3).packString("token").packString("eyJ.x.y");
                        }),
                        proto(3).setAuthenticate(Authenticate.newBuilder().setToken("eyJ.x.y")))
                + ",\n"
                + command(
                        ClientCommand.PlaceOrder.of(7, "c-1", "AAPL", "BUY", "LIMIT", 1.5, 2),
                        "{\"op\":\"order\",\"id\":7,\"clientOrderId\":\"c-1\",\"symbol\":\"AAPL\",\"side\":\"BUY\","
                                + "\"type\":\"LIMIT\",\"price\":1.5,\"volume\":2}",
                        msgPack(out -> {
                            out.packMapHeader(8).packString("op").packString("order");
                            out.packString("id")
                                    .packInt(7)
                                    .packString("clientOrderId")
                                    .packString("c-1");
                            out.packString("symbol")
                                    .packString("AAPL")
                                    .packString("side")
                                    .packString("BUY");
                            out.packString("type")
                                    .packString("LIMIT")
                                    .packString("price")
                                    .packDouble(1.5);
                            out.packString("volume").packInt(2);
                        }),
                        proto(7).setOrder(PlaceOrder.newBuilder()
                                .setClientOrderId("c-1")
                                .setSymbol("AAPL")
                                .setSide("BUY")
                                .setType("LIMIT")
                                .setPrice(1.5)
                                .setVolume(2)))
                + ",\n"
                + command(
                        new ClientCommand.CancelOrder(8, "c-1"),
                        "{\"op\":\"cancel\",\"id\":8,\"clientOrderId\":\"c-1\"}",
                        msgPack(out -> {
                            out.packMapHeader(3).packString("op").packString("cancel");
                            out.packString("id")
                                    .packInt(8)
                                    .packString("clientOrderId")
                                    .packString("c-1");
                        }),
                        proto(8).setCancel(CancelOrder.newBuilder().setClientOrderId("c-1")))
                + ",\n"
                + command(
                        new SubscribeCommand(9, List.of(), -1, Map.of(), "", true, TRACEPARENT),
                        "{\"op\":\"subscribe\",\"id\":9,\"watchlist\":true,\"traceparent\":\"" + TRACEPARENT + "\"}",
                        msgPack(out -> {
                            out.packMapHeader(4).packString("op").packString("subscribe");
                            out.packString("id")
                                    .packInt(9)
                                    .packString("watchlist")
                                    .packBoolean(true);
                            out.packString("traceparent").packString(TRACEPARENT);
                        }),
                        proto(9).setSubscribe(Subscribe.newBuilder()
                                .setWatchlist(true)
                                .setTraceparent(TRACEPARENT)))
                + "\n]}\n";
        holds("commands.json", file);
    }

    private static String command(
            ClientCommand command, String json, byte[] msgPack, io.tsdash.transport.proto.ClientCommand.Builder proto) {
        byte[] protobuf = proto.build().toByteArray();
        assertThat(CommandReader.read(json.getBytes(StandardCharsets.UTF_8))).isEqualTo(command);
        assertThat(WireCodec.messagePack().command(msgPack)).isEqualTo(command);
        assertThat(WireCodec.protobuf().command(protobuf)).isEqualTo(command);
        return "\n{\"command\":" + json + ",\n \"tsdash.v1.msgpack\":\""
                + HexFormat.of().formatHex(msgPack) + "\",\n \"tsdash.v1.protobuf\":\""
                + HexFormat.of().formatHex(protobuf) + "\"}";
    }

    private static io.tsdash.transport.proto.ClientCommand.Builder proto(long id) {
        return io.tsdash.transport.proto.ClientCommand.newBuilder().setId(id);
    }

    private static byte[] msgPack(Packing packing) throws IOException {
        try (MessageBufferPacker out = MessagePack.newDefaultBufferPacker()) {
            packing.pack(out);
            return out.toByteArray();
        }
    }

    private static void holds(String name, String content) throws IOException {
        Path file = FOLDER.resolve(name);
        if (Boolean.getBoolean("tsdash.vectors.write")) {
            Files.createDirectories(FOLDER);
            Files.writeString(file, content);
        }
        assertThat(Files.readString(file)).isEqualTo(content);
    }

    /** A life of a connection, frame by frame, in one form. */
    private static List<Vector> frames(MessageCodec codec) {
        List<Vector> frames = new ArrayList<>();
        try (ChannelBench bench = new ChannelBench()) {
            session(frames, codec);
            prices(frames, codec, bench.state("prices:AAPL", MarketSchemas.PRICE));
            bars(frames, codec, bench.state("bars:1m:AAPL", MarketSchemas.BAR));
            trades(frames, codec, bench.log("trades:AAPL", MarketSchemas.TRADE));
            orders(frames, codec, bench.state("orders", ORDER));
        }
        access(frames, codec);
        return frames;
    }

    private static void session(List<Vector> frames, MessageCodec codec) {
        add(
                frames,
                codec,
                "hello and answers",
                codec.control(new ServerMessage.Hello("7f3a", 5_000, "tsdash/0.1.0")),
                codec.control(new ServerMessage.Subscribed(1, List.of("prices:*", "bars:1m:AAPL"))),
                codec.control(new ServerMessage.Unsubscribed(2, List.of("prices:ÄÖ€😀"))),
                codec.control(new ServerMessage.Pong(1L << 40)));
        add(
                frames,
                codec,
                "errors",
                codec.control(new ServerMessage.Failure(OptionalLong.of(0), 4404, "no such symbol", false)),
                codec.control(new ServerMessage.Failure(OptionalLong.empty(), 4500, "", true)));
        add(frames, codec, "heartbeat", codec.control(new ServerMessage.Heartbeat(NANOS, 42, 0)));
    }

    private static void access(List<Vector> frames, MessageCodec codec) {
        add(
                frames,
                codec,
                "who one is, what one may, and what became of an order",
                codec.control(new ServerMessage.Authenticated(1, "ann", NANOS)),
                codec.control(new ServerMessage.Ended("prices:*", 4403, "the permission ended")),
                codec.control(new ServerMessage.OrderAck(7, "c-1", "p-15", OrderStatus.ACCEPTED)),
                codec.control(new ServerMessage.GoAway(30_000)));
    }

    private static void prices(List<Vector> frames, MessageCodec codec, StateChannel prices) {
        ChannelBench.set(prices, "AAPL", row -> {
            ChannelBench.put(row, "symbol", "AAPL");
            ChannelBench.put(row, "price", 150.25);
            ChannelBench.put(row, "size", 3.0);
            ChannelBench.put(row, "side", "BUY");
            ChannelBench.put(row, "open", 149.5);
            ChannelBench.put(row, "volume", 0.1);
            ChannelBench.put(row, "bid", 150.24);
            ChannelBench.put(row, "ask", 150.26);
            ChannelBench.put(row, "time", NANOS);
            ChannelBench.put(row, "stale", false);
        });
        add(frames, codec, "price snapshot", codec.snapshot(prices, SnapshotReason.SUBSCRIBED));
        change(
                frames,
                codec,
                "price moves by a cent",
                prices,
                () -> ChannelBench.set(prices, "AAPL", row -> {
                    ChannelBench.put(row, "price", 150.26);
                    ChannelBench.put(row, "time", NANOS + 999);
                }));
        change(
                frames,
                codec,
                "side vanishes, feed is stale",
                prices,
                () -> ChannelBench.set(prices, "AAPL", row -> {
                    ChannelBench.put(row, "side", null);
                    ChannelBench.put(row, "stale", true);
                }));
        long before = prices.sequence();
        for (double value : new double[] {1e-9, 1.0 / 3, 1e22, Double.MAX_VALUE, Double.MIN_VALUE, -0.0}) {
            ChannelBench.set(prices, "AAPL", row -> {
                ChannelBench.put(row, "price", value);
                ChannelBench.put(row, "volume", -value);
            });
            long from = before;
            add(frames, codec, "price is " + value, codec.delta(prices, from));
            before = prices.sequence();
        }
        add(frames, codec, "resumed", codec.resumed(prices, before));
        add(
                frames,
                codec,
                "checksum",
                codec.control(new ServerMessage.Checksum(
                        5, "prices:AAPL", new Position(ChannelBench.EPOCH, before), prices.checksum())));
    }

    private static void bars(List<Vector> frames, MessageCodec codec, StateChannel bars) {
        long minute = 60_000_000_000L;
        for (int i = 0; i < 3; i++) {
            Bar bar = bar(i * minute, 100 + i, BarState.CLOSED, 0);
            ChannelBench.set(bars, i * minute, row -> MarketSchemas.fill(row, bar));
        }
        add(frames, codec, "bar snapshot", codec.snapshot(bars, SnapshotReason.RESET));
        change(frames, codec, "a bar is revised, one is new, one leaves", bars, () -> {
            ChannelBench.set(bars, minute, row -> MarketSchemas.fill(row, bar(minute, 101.5, BarState.REVISED, 1)));
            ChannelBench.set(bars, 3 * minute, row -> MarketSchemas.fill(row, bar(3 * minute, 103, BarState.OPEN, 0)));
            bars.remove(0L);
        });
    }

    private static void trades(List<Vector> frames, MessageCodec codec, LogChannel trades) {
        ChannelBench.append(trades, row -> MarketSchemas.fill(row, Trade.of("AAPL", NANOS, 1, 150.25, 0.001)));
        add(frames, codec, "trade snapshot", codec.snapshot(trades, SnapshotReason.SLOW));
        change(frames, codec, "four trades, one corrected, one cancelled", trades, () -> {
            ChannelBench.append(
                    trades, row -> MarketSchemas.fill(row, Trade.of("AAPL", NANOS + 1, Long.MAX_VALUE, 150.24, 100)));
            ChannelBench.append(trades, row -> {
                MarketSchemas.fill(row, Trade.of("AAPL", NANOS + 2, -3, 150.23, 1));
                ChannelBench.put(row, "side", Side.SELL.name());
            });
            ChannelBench.append(trades, row -> {
                MarketSchemas.fill(row, Trade.of("AAPL", NANOS, 1, 150.27, 0.001));
                ChannelBench.put(row, "version", 1L);
            });
            ChannelBench.append(trades, row -> {
                MarketSchemas.fill(row, Trade.of("AAPL", NANOS + 2, -3, 150.23, 1));
                ChannelBench.put(row, "version", (long) Trade.CANCELLED);
            });
        });
    }

    private static void orders(List<Vector> frames, MessageCodec codec, StateChannel orders) {
        ChannelBench.set(orders, "a1", row -> {
            row.setText(0, "a1");
            row.setDouble(1, 10.5);
            row.setLong(2, (1L << 53) - 1);
            row.setLong(3, NANOS);
            row.setLong(4, Long.MIN_VALUE);
            row.setLong(5, 2);
            row.setBoolean(6, true);
            row.setText(7, "");
            row.setTexts(8, List.of("x", "ÄÖ€😀"));
        });
        ChannelBench.set(orders, "a2", row -> row.setText(0, "a2"));
        add(frames, codec, "rows of a schema of one's own", codec.snapshot(orders, SnapshotReason.SUBSCRIBED));
        change(frames, codec, "their fields change and vanish, a row is removed", orders, () -> {
            ChannelBench.set(orders, "a1", row -> {
                row.setLong(2, 0);
                row.setLong(4, -1);
                row.setLong(5, Trade.CANCELLED);
                row.setBoolean(6, false);
                row.setTexts(8, List.of());
                row.clear(1);
                row.clear(7);
            });
            orders.remove("a2");
        });
    }

    private static void change(List<Vector> frames, MessageCodec codec, String name, Channel channel, Runnable change) {
        long before = channel.sequence();
        change.run();
        add(frames, codec, name, codec.delta(channel, before));
    }

    private static void add(List<Vector> frames, MessageCodec codec, String name, byte[]... messages) {
        frames.add(new Vector(name, codec.frame(List.of(messages), "")));
    }

    private static Bar bar(long open, double close, BarState state, int revision) {
        return new Bar(
                "AAPL",
                Interval.parse("1m"),
                open,
                open + 60_000_000_000L,
                99.5,
                110,
                90.25,
                close,
                12.5,
                12.5 * 100.1,
                7,
                open,
                open + 1,
                revision,
                state);
    }

    private static List<ReadVector> read(Path file) throws IOException {
        List<ReadVector> vectors = new ArrayList<>();
        byte[] all = Files.readAllBytes(file);
        try (JsonParser json = Json.parser(all)) {
            String name = "";
            byte[] hex = {};
            while (json.nextToken() != null) {
                if (json.currentToken() == JsonToken.PROPERTY_NAME) {
                    String property = json.currentName();
                    json.nextToken();
                    if (property.equals("name")) {
                        name = json.getString();
                    } else if (property.equals("hex")) {
                        hex = HexFormat.of().parseHex(json.getString());
                    } else if (property.equals("messages")) {
                        int from = (int) json.currentTokenLocation().getByteOffset();
                        json.skipChildren();
                        int to = (int) json.currentLocation().getByteOffset();
                        vectors.add(new ReadVector(name, hex, Arrays.copyOfRange(all, from, to)));
                    }
                }
            }
        }
        return vectors;
    }

    /** A frame that an encoder made. */
    private static final class Vector {
        final String name;
        final byte[] frame;

        Vector(String name, byte[] frame) {
            this.name = name;
            this.frame = frame;
        }
    }

    /** A frame of a file, and what it means. */
    private static final class ReadVector {
        final String name;
        final byte[] hex;
        final byte[] messages;

        ReadVector(String name, byte[] hex, byte[] messages) {
            this.name = name;
            this.hex = hex;
            this.messages = messages;
        }
    }

    /** Writes MessagePack. */
    @FunctionalInterface
    private interface Packing {
        void pack(MessageBufferPacker out) throws IOException;
    }
}
