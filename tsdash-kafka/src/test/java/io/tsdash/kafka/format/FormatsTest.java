package io.tsdash.kafka.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.InvalidInputException;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Trade;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FormatsTest {
    private static final Trade TRADE = Trade.of("AAPL", 1_700_000_000_123_456_789L, 7, 150.25, 100);

    @Property(tries = 2_000)
    void readsBackWhatItWrote(@ForAll long seed, @ForAll Format format) {
        Random random = new Random(seed);
        readsBack(Formats.events(format), RecordValues.event(random));
        readsBack(Formats.bars(format), RecordValues.bar(random));
        readsBack(Formats.profiles(format), RecordValues.profile(random));
        readsBack(Formats.averages(format), RecordValues.average(random));
    }

    @Property(tries = 3_000)
    void refusesGarbageInOneWay(@ForAll long seed, @ForAll Format format) {
        Random random = new Random(seed);
        for (RecordFormat<?> records : all(format)) {
            byte[] bytes = new byte[random.nextInt(80)];
            random.nextBytes(bytes);
            readsOrRefuses(records, bytes);
        }
        damaged(Formats.events(format), RecordValues.event(random), random);
        damaged(Formats.bars(format), RecordValues.bar(random), random);
        damaged(Formats.profiles(format), RecordValues.profile(random), random);
        damaged(Formats.averages(format), RecordValues.average(random), random);
    }

    @ParameterizedTest
    @EnumSource
    void headerNamesFormAndVersion(Format format) {
        RecordHeaders headers = new RecordHeaders();
        byte[] bytes = RecordSerdes.events(format).serializer().serialize("trades", headers, TRADE);

        assertThat(new String(headers.lastHeader("tsdash-format").value(), StandardCharsets.US_ASCII))
                .isEqualTo(format.text() + "/1");
        for (Format other : Format.values()) {
            assertThat(RecordSerdes.events(other).deserializer().deserialize("trades", headers, bytes))
                    .isEqualTo(TRADE);
        }
    }

    @Test
    void readsTheConfiguredFormWithoutAHeader() {
        RecordDeserializer<MarketEvent> reader = new RecordDeserializer<>(Format.JSON, Formats::events);

        assertThat(reader.read(new RecordHeaders(), Formats.events(Format.JSON).write(TRADE)))
                .isEqualTo(TRADE);
    }

    @Test
    void refusesVersionsThatItDoesNotKnow() {
        RecordDeserializer<MarketEvent> reader = new RecordDeserializer<>(Format.PROTOBUF, Formats::events);
        RecordHeaders headers = new RecordHeaders();
        headers.add("tsdash-format", "protobuf/2".getBytes(StandardCharsets.US_ASCII));

        assertThatThrownBy(() ->
                        reader.read(headers, Formats.events(Format.PROTOBUF).write(TRADE)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(
                        "header tsdash-format was 'protobuf/2' but it must be one of protobuf/1, json/1, msgpack/1");
    }

    @Test
    void jsonIsReadable() {
        assertThat(new String(Formats.events(Format.JSON).write(TRADE), StandardCharsets.UTF_8))
                .isEqualTo("{\"trade\":{\"symbol\":\"AAPL\",\"eventTimeNanos\":1700000000123456789,\"sequence\":7,"
                        + "\"price\":150.25,\"volume\":100.0}}");
    }

    @Test
    void saysWhatIsWrongAndWhere() {
        assertRefused(
                "{\"trade\":{\"symbol\":\"AAPL\",\"eventTimeNanos\":1,\"price\":1,\"volume\":2}}",
                "trade.sequence was missing but a trade must have it");
        assertRefused(
                "{\"trade\":{\"symbol\":\"AAPL\",\"price\":\"x\"}}",
                "trade.price was 'a text' but it must be a number, at byte 34");
        assertRefused("{}", "event was empty but it must hold a trade or a quote");
        assertRefused("[]", "event was an array at byte 0 but it must be a JSON object");
        assertRefused(
                "{\"trade\":{\"symbol\":\"\",\"eventTimeNanos\":1,\"sequence\":1,\"price\":1,\"volume\":2}}",
                "symbol was '' but it must have 1 to 64 characters");
    }

    @Test
    void skipsFieldsThatItDoesNotKnow() {
        String json = "{\"new\":{\"a\":[1,{}]},\"trade\":{\"symbol\":\"AAPL\",\"mood\":{\"x\":1},\"eventTimeNanos\":1,"
                + "\"sequence\":2,\"price\":3,\"volume\":4,\"side\":null}}";

        assertThat(Formats.events(Format.JSON).read(json.getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(Trade.of("AAPL", 1, 2, 3, 4));
    }

    @Test
    void saysWhatIsNoProtobuf() {
        assertNoProtobuf("0A", "record of 1 bytes was no protobuf/1: it ended within a field that began before byte 1");
        assertNoProtobuf(
                "0A05 0A", "record of 3 bytes was no protobuf/1: it ended within a field that began before byte 2");
        assertNoProtobuf(
                "0A03 0A01 FF", "record of 5 bytes was no protobuf/1: a text that is no UTF-8 ended at byte 5");
        assertNoProtobuf("02", "record of 1 bytes was no protobuf/1: field 0 ended at byte 1");
        assertNoProtobuf("1B", "record of 1 bytes was no protobuf/1: wire type 3 ended at byte 1");
        assertNoProtobuf(
                "18 FFFFFFFFFFFFFFFFFFFF01",
                "record of 12 bytes was no protobuf/1: a number of more than 10 bytes lay before byte 11");
        assertNoProtobuf("0A02 0801", "trade.symbol was 'wire type 0' but it must be a text");
    }

    @Test
    void skipsProtobufFieldsThatItDoesNotKnow() {
        byte[] trade = Formats.events(Format.PROTOBUF).write(Trade.of("\uFFFD\u00e9", 1, 2, 3, 4));
        byte[] more = HexFormat.of().parseHex("f83f7f" + "fa3f02abcd" + "f93f0102030405060708" + "fd3f01020304");
        byte[] both = Arrays.copyOf(trade, trade.length + more.length);
        System.arraycopy(more, 0, both, trade.length, more.length);

        assertThat(Formats.events(Format.PROTOBUF).read(both)).isEqualTo(Trade.of("\uFFFD\u00e9", 1, 2, 3, 4));
    }

    @Test
    void othersReadOurProtobufByTheSchema() throws Exception {
        Trade trade = TRADE.correctedTo(150.5, 200);
        var read = io.tsdash.kafka.proto.MarketEvent.parseFrom(
                        Formats.events(Format.PROTOBUF).write(trade))
                .getTrade();

        assertThat(read.getSymbol()).isEqualTo("AAPL");
        assertThat(read.getEventTimeNanos()).isEqualTo(trade.eventTimeNanos());
        assertThat(read.getPrice()).isEqualTo(150.5);
        assertThat(read.getVersion()).isEqualTo(1);
        assertThat(read.hasSide()).isFalse();
        assertThat(read.getUnknownFields().asMap()).isEmpty();
    }

    @Property(tries = 300)
    void protobufHoldsToTheSchemaBothWays(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        var event = RecordValues.event(random);
        var bar = RecordValues.bar(random);
        var profile = RecordValues.profile(random);
        var average = RecordValues.average(random);
        Format form = Format.PROTOBUF;
        assertThat(Formats.events(form)
                        .read(io.tsdash.kafka.proto.MarketEvent.parseFrom(
                                        Formats.events(form).write(event))
                                .toByteArray()))
                .isEqualTo(event);
        assertThat(Formats.bars(form)
                        .read(io.tsdash.kafka.proto.Bar.parseFrom(
                                        Formats.bars(form).write(bar))
                                .toByteArray()))
                .isEqualTo(bar);
        assertThat(Formats.profiles(form)
                        .read(io.tsdash.kafka.proto.VolumeProfile.parseFrom(
                                        Formats.profiles(form).write(profile))
                                .toByteArray()))
                .isEqualTo(profile);
        var averages = io.tsdash.kafka.proto.RollingValue.parseFrom(
                Formats.averages(form).write(average));
        assertThat(averages.getUnknownFields().asMap()).isEmpty();
        assertThat(Formats.averages(form).read(averages.toByteArray())).isEqualTo(average);
    }

    private static void assertRefused(String json, String message) {
        assertThatThrownBy(() -> Formats.events(Format.JSON).read(json.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(message);
    }

    private static void assertNoProtobuf(String hex, String message) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        assertThatThrownBy(() -> Formats.events(Format.PROTOBUF).read(bytes))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(message);
    }

    private static List<RecordFormat<?>> all(Format format) {
        return List.of(
                Formats.events(format), Formats.bars(format), Formats.profiles(format), Formats.averages(format));
    }

    private static <T> void readsBack(RecordFormat<T> format, T value) {
        assertThat(format.read(format.write(value))).isEqualTo(value);
    }

    private static <T> void damaged(RecordFormat<T> format, T value, Random random) {
        byte[] bytes = format.write(value);
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        readsOrRefuses(format, bytes);
        readsOrRefuses(format, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
    }

    private static void readsOrRefuses(RecordReader<?> reader, byte[] bytes) {
        try {
            assertThat(reader.read(bytes)).isNotNull();
        } catch (InvalidInputException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }
}
