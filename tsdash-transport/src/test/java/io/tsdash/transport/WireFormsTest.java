package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.delta.Field;
import io.tsdash.delta.FieldKind;
import io.tsdash.delta.RecordBuffer;
import io.tsdash.delta.RecordSchema;
import io.tsdash.distribution.LogChannel;
import io.tsdash.distribution.MarketSchemas;
import io.tsdash.distribution.MessageCodec;
import io.tsdash.distribution.Position;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.distribution.SnapshotReason;
import io.tsdash.distribution.StateChannel;
import io.tsdash.model.Trade;
import io.tsdash.orders.OrderStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What each form's encoder writes, its decoder gives back: every message, every kind of value, every bit. */
class WireFormsTest {
    private static final List<RecordSchema> SCHEMAS = List.of(
            MarketSchemas.PRICE,
            MarketSchemas.BAR,
            MarketSchemas.TRADE,
            RecordSchema.of(
                    Field.of("name", FieldKind.TEXT),
                    Field.of("number", FieldKind.DOUBLE),
                    Field.of("count", FieldKind.LONG),
                    Field.of("time", FieldKind.TIME),
                    Field.of("id", FieldKind.ID),
                    Field.of("version", FieldKind.VERSION),
                    Field.of("flag", FieldKind.BOOLEAN),
                    Field.of("text", FieldKind.TEXT),
                    Field.of("texts", FieldKind.TEXTS)));
    private static final List<SnapshotReason> REASONS = List.of(SnapshotReason.values());
    private static final double[] DOUBLES = {
        0, -0.0, 1, 0.1, 150.25, 1e-9, 1e22, 123456.789, Double.MIN_VALUE, Double.MAX_VALUE, -Double.MIN_NORMAL, 1 / 3.0
    };
    private static final long[] LONGS = {0, 1, 127, 128, 255, 65_535, 65_536, (1L << 32) - 1, 1L << 32, (1L << 53) - 1};
    private static final String[] TEXTS = {"", "A", "ÄÖ€", "😀", "a\"b\\c\n\u0001", "x".repeat(40), "y".repeat(300)};

    @Provide
    Arbitrary<WireCodec> form() {
        return Arbitraries.of(WireCodec.all());
    }

    @Property(tries = 600)
    void statesComeBackBitForBit(@ForAll("form") WireCodec form, @ForAll long seed) {
        Random random = new Random(seed);
        RecordSchema schema = SCHEMAS.get(random.nextInt(SCHEMAS.size()));
        try (ChannelBench bench = new ChannelBench()) {
            MessageCodec encoder = form.encoder();
            WireCodec.Decoder decoder = form.decoder();
            StateChannel channel = bench.state("prices:Ä", schema);
            List<byte[]> frame = new ArrayList<>();
            List<ServerMessage> expected = new ArrayList<>();
            change(channel, random);
            SnapshotReason reason = REASONS.get(random.nextInt(3));
            frame.add(encoder.snapshot(channel, reason));
            expected.add(ChannelBench.snapshot(channel, reason));
            assertThat(decoder.decode(encoder.frame(frame, ""))).isEqualTo(expected);
            for (int i = 0; i < 5; i++) {
                frame.clear();
                expected.clear();
                for (int j = 0; j <= random.nextInt(20); j++) {
                    long before = channel.sequence();
                    change(channel, random);
                    if (channel.sequence() > before) {
                        frame.add(encoder.delta(channel, before));
                        expected.add(ChannelBench.delta(channel, before));
                    }
                }
                if (!frame.isEmpty()) {
                    assertThat(decoder.decode(encoder.frame(frame, ""))).isEqualTo(expected);
                }
            }
        }
    }

    @Property(tries = 300)
    void logsComeBackBitForBit(@ForAll("form") WireCodec form, @ForAll long seed) {
        Random random = new Random(seed);
        RecordSchema schema = SCHEMAS.get(random.nextInt(SCHEMAS.size()));
        try (ChannelBench bench = new ChannelBench()) {
            MessageCodec encoder = form.encoder();
            WireCodec.Decoder decoder = form.decoder();
            LogChannel channel = bench.log("trades:A", schema);
            append(channel, random);
            assertThat(decoder.decode(encoder.frame(List.of(encoder.snapshot(channel, SnapshotReason.SLOW)), "")))
                    .containsExactly(ChannelBench.snapshot(channel, SnapshotReason.SLOW));
            for (int i = 0; i < 5; i++) {
                long before = channel.sequence();
                append(channel, random);
                assertThat(decoder.decode(encoder.frame(List.of(encoder.delta(channel, before)), "")))
                        .containsExactly(ChannelBench.delta(channel, before));
            }
        }
    }

    @Property(tries = 300)
    void messagesAboutTheSessionComeBack(@ForAll("form") WireCodec form, @ForAll long seed) {
        Random random = new Random(seed);
        MessageCodec encoder = form.encoder();
        List<ServerMessage> messages = new ArrayList<>(List.of(
                new ServerMessage.Hello(text(random), count(random), text(random)),
                new ServerMessage.Subscribed(count(random), List.of(text(random), text(random))),
                new ServerMessage.Unsubscribed(count(random), List.of()),
                new ServerMessage.Pong(count(random)),
                new ServerMessage.Authenticated(count(random), text(random), random.nextLong()),
                new ServerMessage.Ended(text(random), 4403, text(random)),
                new ServerMessage.GoAway(count(random)),
                new ServerMessage.OrderAck(count(random), text(random), text(random), OrderStatus.CANCELLED),
                new ServerMessage.Heartbeat(random.nextLong() >>> 1, count(random), count(random)),
                new ServerMessage.Failure(OptionalLong.empty(), 4400, text(random), random.nextBoolean()),
                new ServerMessage.Failure(OptionalLong.of(count(random)), 4500, text(random), true)));
        if (!form.isCompact()) {
            Position position = new Position("e" + text(random), count(random));
            messages.add(new ServerMessage.Resumed(text(random), position));
            messages.add(new ServerMessage.Checksum(count(random), "prices:A", position, random.nextInt(1 << 30)));
        }
        List<byte[]> encoded = messages.stream().map(encoder::control).toList();
        assertThat(form.decoder().decode(encoder.frame(encoded, ""))).isEqualTo(messages);
    }

    private static void change(StateChannel channel, Random random) {
        boolean byText = channel.schema().kind(0) == FieldKind.TEXT;
        long number = random.nextInt(4);
        Object key = byText ? (Object) ("key" + number) : (Object) number;
        if (random.nextInt(8) == 0) {
            channel.remove(key);
            return;
        }
        ChannelBench.set(channel, key, row -> {
            if (byText) {
                row.setText(0, (String) key);
            } else {
                row.setLong(0, number);
            }
            fill(row, 1, random);
        });
    }

    private static void append(LogChannel channel, Random random) {
        for (int i = 0; i <= random.nextInt(20); i++) {
            ChannelBench.append(channel, row -> fill(row, 0, random));
        }
    }

    private static void fill(RecordBuffer row, int from, Random random) {
        for (int field = from; field < row.schema().size(); field++) {
            switch (random.nextInt(4)) {
                case 0 -> row.clear(field);
                case 1 -> value(row, field, random);
                default -> {
                    // as it was
                }
            }
        }
    }

    private static void value(RecordBuffer row, int field, Random random) {
        switch (row.schema().kind(field)) {
            case DOUBLE ->
                row.setDouble(
                        field,
                        random.nextBoolean()
                                ? DOUBLES[random.nextInt(DOUBLES.length)]
                                : Math.round(random.nextDouble() * 1e6) / 100.0);
            case LONG -> row.setLong(field, count(random));
            case TIME, ID -> row.setLong(field, random.nextBoolean() ? random.nextLong() : count(random));
            case VERSION -> row.setLong(field, random.nextBoolean() ? Trade.CANCELLED : random.nextInt(5));
            case BOOLEAN -> row.setBoolean(field, random.nextBoolean());
            case TEXT -> row.setText(field, text(random));
            case TEXTS ->
                row.setTexts(field, List.of(text(random), text(random)).subList(0, random.nextInt(3)));
        }
    }

    private static long count(Random random) {
        return LONGS[random.nextInt(LONGS.length)];
    }

    private static String text(Random random) {
        return TEXTS[random.nextInt(TEXTS.length)];
    }
}
