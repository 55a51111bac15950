package io.tsdash.kafka.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.InvalidInputException;
import io.tsdash.model.Quote;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class JsonMappingTest {
    private static final String BINANCE = "symbol=s,time=T,timeUnit=ms,sequence=t,price=p,volume=q,side=m?SELL:BUY";

    @Test
    void readsWhatATeamHas() {
        Trade trade = (Trade) read(
                BINANCE,
                "{\"e\":\"trade\",\"s\":\"BTCUSDT\",\"t\":12345,\"p\":\"67890.10\",\"q\":\"0.00100000\",\"T\":1700000000123,"
                        + "\"m\":true,\"M\":{\"x\":[1]}}");

        assertThat(trade)
                .isEqualTo(new Trade(
                        "BTCUSDT",
                        1_700_000_000_123_000_000L,
                        1_700_000_000_123_000_000L,
                        12345,
                        67890.1,
                        0.001,
                        Side.SELL,
                        true,
                        true,
                        0));
    }

    @Test
    void readsPathsArraysAndConstants() {
        Trade trade = (Trade) read(
                "symbol='BTC-USD',time=data.row[0],timeUnit=s,sequence=data.row[3],price=data.row[1],volume='1'",
                "{\"data\":{\"row\":[1700000000.123456789,\"0.1\",9,42]}}");

        assertThat(trade).isEqualTo(Trade.of("BTC-USD", 1_700_000_000_123_456_789L, 42, 0.1, 1));
    }

    @Test
    void readsMomentsAsText() {
        Trade trade = (Trade) read(
                "symbol=s,time=at,timeUnit=iso,receiveTime=seen,sequence=id,price=p,volume=v,side=side",
                "{\"s\":\"A\",\"at\":\"2023-11-14T22:13:20.5Z\",\"seen\":\"2023-11-14T22:13:21Z\",\"id\":\"8\",\"p\":1e2,"
                        + "\"v\":0,\"side\":\"Buy\"}");

        assertThat(trade.eventTimeNanos()).isEqualTo(1_700_000_000_500_000_000L);
        assertThat(trade.receiveTimeNanos()).isEqualTo(1_700_000_001_000_000_000L);
        assertThat(trade.price()).isEqualTo(100);
        assertThat(trade.side()).isEqualTo(Side.BUY);
    }

    @Test
    void readsQuotes() {
        assertThat(read(
                        "type=quote,symbol=s,time=T,sequence=u,bid=b,ask=a,bidSize=B",
                        "{\"s\":\"A\",\"T\":5,\"u\":6,\"b\":\"1.5\",\"a\":null,\"B\":\"7\"}"))
                .isEqualTo(new Quote("A", 5_000_000, 5_000_000, 6, 1.5, Double.NaN, 7, Double.NaN));
    }

    @Test
    void tellsAllThatIsWrongWithAMappingAtOnce() {
        assertThatThrownBy(() -> JsonMapping.parse("symbol=s,price=,colour=c,timeUnit=days,side=m?X:Y,volume"))
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems())
                                .containsExactly(
                                        "mapping price was '' but it must be a path such as px, data.px or row[2], or a constant in"
                                                + " single quotes",
                                        "mapping name was 'colour' but it must be one of type, timeUnit, symbol, time, receiveTime,"
                                                + " sequence, price, volume, side, bid, ask, bidSize, askSize",
                                        "mapping timeUnit was 'days' but it must be one of s, ms, us, ns, iso",
                                        "mapping side was 'm?X:Y' but after ? it must say SELL:BUY or BUY:SELL",
                                        "mapping entry was 'volume' but it must be name=path or name='constant'",
                                        "mapping had no time but it must say where it lies",
                                        "mapping had no sequence but it must say where it lies: without it two trades of one moment"
                                                + " cannot be told apart",
                                        "mapping had no volume but it must say where it lies"));
    }

    @Test
    void saysWhichFieldOfARecordIsWrong() {
        refused("{\"s\":\"A\",\"T\":1,\"t\":2,\"q\":3}", "price was missing but the mapping says where it must be");
        refused(
                "{\"s\":\"A\",\"T\":1,\"t\":2,\"p\":\"NaN\",\"q\":3}",
                "price was 'NaN' but it must be a decimal number");
        refused("{\"s\":\"A\",\"T\":\"x\",\"t\":2,\"p\":1,\"q\":3}", "time was 'x' but it must be a number, in ms");
        refused(
                "{\"s\":\"A\",\"T\":1,\"t\":2.5,\"p\":1,\"q\":3}",
                "sequence was '2.5' but it must be a whole number of 64 bits");
        refused(
                "{\"s\":\"A\",\"T\":1,\"t\":2,\"p\":1,\"q\":-3}",
                "volume was '-3.0' but it must be finite and not negative");
        refused("7", "record of 1 bytes was no JSON object or array");
    }

    @Property(tries = 2_000)
    void refusesGarbageInOneWay(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] bytes = "{\"s\":\"A\",\"T\":1700000000123,\"t\":2,\"p\":\"1.25\",\"q\":3,\"m\":true,\"x\":[{}]}"
                .getBytes(StandardCharsets.UTF_8);
        for (int i = random.nextInt(4); i >= 0; i--) {
            bytes[random.nextInt(bytes.length)] =
                    (byte) (random.nextBoolean() ? random.nextInt() : "0e-\"{}[],:".charAt(random.nextInt(10)));
        }
        try {
            assertThat(JsonMapping.parse(BINANCE).read(bytes)).isNotNull();
        } catch (InvalidInputException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    private static Object read(String mapping, String json) {
        return JsonMapping.parse(mapping).read(json.getBytes(StandardCharsets.UTF_8));
    }

    private static void refused(String json, String message) {
        assertThatThrownBy(() -> read(BINANCE, json))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(message);
    }
}
