package io.tsdash.kafka.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.tsdash.aggregation.Outcome;
import io.tsdash.aggregation.RollingValue;
import io.tsdash.aggregation.VolumeProfile;
import io.tsdash.error.ConfigurationException;
import io.tsdash.error.InvalidInputException;
import io.tsdash.kafka.format.Format;
import io.tsdash.kafka.format.JsonMapping;
import io.tsdash.kafka.format.RecordSerdes;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Trade;
import io.tsdash.testkit.ManualTimeSource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AggregationTopologyTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long START = Instant.parse("2025-03-04T14:30:00Z").getEpochSecond() * SECOND;
    private static final Interval MINUTE = Interval.parse("1m");

    private final ManualTimeSource time = new ManualTimeSource(START);
    private final List<String> heard = new ArrayList<>();
    private final List<TopologyTestDriver> drivers = new ArrayList<>();
    private long sequence;

    @AfterEach
    void close() {
        drivers.forEach(TopologyTestDriver::close);
    }

    @Test
    void sendsOpenBarsAtTheFlushAndClosesThemAtOnce() {
        TopologyTestDriver driver = driver(minutes());
        send(driver, trade("A", 1, 10));
        send(driver, trade("A", 2, 12));
        assertThat(bars(driver)).isEmpty();

        pass(driver, Duration.ofMillis(250));
        assertThat(bars(driver)).singleElement().satisfies(bar -> {
            assertThat(bar.state()).isEqualTo(BarState.OPEN);
            assertThat(bar.high()).isEqualTo(12);
        });

        send(driver, trade("A", 60, 9));
        assertThat(bars(driver)).singleElement().satisfies(bar -> {
            assertThat(bar.state()).isEqualTo(BarState.CLOSED);
            assertThat(bar.openTimeNanos()).isEqualTo(START);
            assertThat(bar.tradeCount()).isEqualTo(2);
        });
    }

    @Test
    void revisesAClosedBarForALateTradeACancelAndACorrection() {
        TopologyTestDriver driver = driver(minutes());
        Trade first = trade("A", 58, 10);
        send(driver, first);
        send(driver, trade("A", 61, 11));
        bars(driver);

        Trade late = trade("A", 59, 15);
        send(driver, late);
        assertThat(revised(driver)).extracting(Bar::revision, Bar::high).containsExactly(tuple(1, 15.0));
        send(driver, Trade.cancel("A", late.eventTimeNanos(), late.sequence(), late.receiveTimeNanos()));
        assertThat(revised(driver)).extracting(Bar::revision, Bar::high).containsExactly(tuple(2, 10.0));
        send(driver, first.correctedTo(20, 1));
        assertThat(revised(driver)).extracting(Bar::revision, Bar::high).containsExactly(tuple(3, 20.0));
    }

    @Test
    void closesTheBarOfAQuietSymbolByTheWallClock() {
        TopologyTestDriver driver = driver(minutes());
        send(driver, trade("A", 59, 10));
        pass(driver, Duration.ofMillis(500));
        assertThat(bars(driver)).extracting(Bar::state).containsExactly(BarState.OPEN);

        for (int i = 0; i < 12; i++) {
            pass(driver, Duration.ofMillis(250));
        }
        assertThat(bars(driver)).extracting(Bar::state, Bar::revision).containsExactly(tuple(BarState.CLOSED, 0));
    }

    @Test
    void anotherSymbolsJumpHarmsNobody() {
        TopologyTestDriver driver = driver(minutes());
        send(driver, trade("A", 1, 10));
        time.advance(Duration.ofHours(2));
        send(driver, trade("B", 7_200, 1));
        send(driver, trade("A", 2, 12));
        pass(driver, Duration.ofMillis(250));

        assertThat(bars(driver))
                .filteredOn(bar -> bar.symbol().equals("A"))
                .extracting(Bar::state, Bar::tradeCount)
                .containsExactly(tuple(BarState.CLOSED, 1L), tuple(BarState.REVISED, 2L));
        assertThat(heard).containsExactly("restored 0");
    }

    @Test
    void tellsOfTradesTooLateAndOfDuplicates() {
        TopologyTestDriver driver = driver(minutes());
        Trade trade = trade("A", 30, 10);
        send(driver, trade);
        send(driver, trade);
        send(driver, trade("A", 3, 10));

        assertThat(heard).containsExactly("restored 0", "DUPLICATE 1", "TOO_LATE 2");
    }

    @Test
    void setsPoisonAsideWithItsReasonAndGoesOn() {
        TopologyTestDriver driver = driver(minutes());
        RecordHeaders headers = new RecordHeaders();
        headers.add("tsdash-format", "json/1".getBytes(StandardCharsets.US_ASCII));
        input(driver).pipeInput(new TestRecord<>("A".getBytes(StandardCharsets.UTF_8), new byte[] {1, 2}, headers));
        input(driver).pipeInput("A".getBytes(StandardCharsets.UTF_8), (byte[]) null);
        input(driver).pipeInput("A".getBytes(StandardCharsets.UTF_8), new byte[] {(byte) 0xFF});
        send(driver, trade("A", 1, 10));
        pass(driver, Duration.ofMillis(250));

        List<TestRecord<byte[], byte[]>> dead = dead(driver);
        assertThat(dead).hasSize(3);
        assertThat(dead.get(0).value()).containsExactly(1, 2);
        assertThat(text(dead.get(0).headers(), "tsdash-format")).isEqualTo("json/1");
        assertThat(text(dead.get(0).headers(), "tsdash-reason")).startsWith("record of 2 bytes was no json/1: ");
        assertThat(text(dead.get(1).headers(), "tsdash-reason"))
                .isEqualTo("value was missing but a record must have one");
        assertThat(text(dead.get(1).headers(), "tsdash-offset")).isEqualTo("1");
        assertThat(text(dead.get(1).headers(), "tsdash-topic")).isEqualTo("trades");
        assertThat(bars(driver)).hasSize(1);
    }

    @Test
    void keepsTheBeginningOfPoisonThatIsTooLargeToPassOn() {
        TopologyTestDriver driver = driver(minutes());
        input(driver).pipeInput("A".getBytes(StandardCharsets.UTF_8), new byte[1_000_000]);

        assertThat(dead(driver)).singleElement().satisfies(record -> {
            assertThat(record.value()).hasSize(1_000);
            assertThat(text(record.headers(), "tsdash-length")).isEqualTo("1000000");
            assertThat(text(record.headers(), "tsdash-offset")).isEqualTo("0");
        });
    }

    @Test
    void setsATimeTooFarAheadAsideAndMovesNoClock() {
        TopologyTestDriver driver = driver(minutes());
        Trade far = trade("A", 3_600, 10);
        send(driver, far); // seen as it happened, it says: but our clock knows better
        send(driver, new Trade("A", START + 20 * SECOND, START, 1, 1, 1, far.side(), true, true, 0));
        send(driver, trade("A", 1, 11));
        pass(driver, Duration.ofMillis(250));

        assertThat(dead(driver))
                .extracting(record -> text(record.headers(), "tsdash-reason"))
                .hasSize(2)
                .allMatch(reason -> reason.endsWith("must not be more than 10 s ahead of when the trade was seen"));
        assertThat(bars(driver)).extracting(Bar::state, Bar::open).containsExactly(tuple(BarState.OPEN, 11.0));
    }

    @Test
    void writesVolumeProfilesAndAverages() {
        TopologyTestDriver driver = driver(
                minutes().profiles(MINUTE, 0.5).averages(Duration.ofSeconds(30)).outputFormat(Format.JSON));
        send(driver, trade("A", 1, 10.1));
        send(driver, trade("A", 2, 10.7));
        pass(driver, Duration.ofMillis(250));

        VolumeProfile profile = values(driver, "profiles-1m", RecordSerdes.profiles(Format.JSON))
                .get(0);
        assertThat(profile.levels())
                .containsExactly(new VolumeProfile.Level(10, 1, 1), new VolumeProfile.Level(10.5, 1, 1));
        RollingValue average =
                values(driver, "averages", RecordSerdes.averages(Format.JSON)).get(0);
        assertThat(average.average()).isEqualTo(10.4);
        assertThat(average.tradeCount()).isEqualTo(2);
    }

    @Test
    void keysNameTheWindowSoThatCompactionKeepsTheLastWordOnEach() {
        TopologyTestDriver driver = driver(minutes().profiles(MINUTE, 0.5).averages(Duration.ofSeconds(30)));
        send(driver, trade("A@B", 1, 10));
        send(driver, trade("A@B", 61, 11));
        pass(driver, Duration.ofMillis(250));

        assertThat(keys(driver, "aggregates-1m")).contains("A@B@" + START, "A@B@" + (START + 60 * SECOND));
        assertThat(keys(driver, "profiles-1m")).contains("A@B@" + START, "A@B@" + (START + 60 * SECOND));
        assertThat(keys(driver, "averages")).containsOnly("A@B");
        assertThat(WindowKey.parse("A@B@" + START)).isEqualTo(new WindowKey("A@B", START));
        assertThatThrownBy(() -> WindowKey.parse("A@B"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("key was 'A@B' but it must be a symbol, '@'");
    }

    @Test
    void readsTheJsonOfATeam() {
        TopologyTestDriver driver =
                driver(minutes().inputMapping(JsonMapping.parse("symbol=s,time=T,sequence=t,price=p,volume=q")));
        String json = "{\"s\":\"A\",\"T\":" + (START / 1_000_000) + ",\"t\":1,\"p\":\"0.1\",\"q\":\"3\"}";
        input(driver).pipeInput("A".getBytes(StandardCharsets.UTF_8), json.getBytes(StandardCharsets.UTF_8));
        pass(driver, Duration.ofMillis(250));

        assertThat(bars(driver)).extracting(Bar::notional).containsExactly(0.3);
    }

    @Test
    void refusesToRunWithoutExactlyOnce() {
        Map<String, Object> config = AggregationTopology.config("test", "nowhere:1");
        config.put("processing.guarantee", "at_least_once");
        Properties properties = new Properties();
        properties.putAll(config);
        Topology topology = minutes().build().addTo(new Topology());

        assertThatThrownBy(() -> new TopologyTestDriver(topology, properties).close())
                .hasRootCauseInstanceOf(ConfigurationException.class)
                .rootCause()
                .hasMessage(
                        "processing.guarantee was 'at_least_once' but it must be exactly_once_v2: otherwise a crash would"
                                + " tear the state apart");
    }

    @Test
    void tellsAllWrongSettingsAtOnce() {
        assertThatThrownBy(() -> AggregationTopology.builder()
                        .input("a b")
                        .intervals(MINUTE, MINUTE)
                        .lateness(Duration.ofSeconds(-1))
                        .flushInterval(Duration.ZERO)
                        .profiles(MINUTE, 0)
                        .build())
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems()).hasSize(7));
    }

    private AggregationTopologyBuilder minutes() {
        return AggregationTopology.builder().intervals(MINUTE).time(time).listener(new AggregationListener() {
            @Override
            public void onSetAside(Trade trade, Outcome outcome) {
                heard.add(outcome + " " + trade.sequence());
            }

            @Override
            public void onRestored(int partition, long pieces) {
                heard.add("restored " + pieces);
            }
        });
    }

    private TopologyTestDriver driver(AggregationTopologyBuilder builder) {
        Properties properties = new Properties();
        properties.putAll(AggregationTopology.config("test", "nowhere:1"));
        TopologyTestDriver driver = new TopologyTestDriver(
                builder.build().addTo(new Topology()), properties, Instant.ofEpochSecond(START / SECOND));
        drivers.add(driver);
        return driver;
    }

    private void pass(TopologyTestDriver driver, Duration duration) {
        time.advance(duration);
        driver.advanceWallClockTime(duration);
    }

    private Trade trade(String symbol, long seconds, double price) {
        return Trade.of(symbol, START + seconds * SECOND, ++sequence, price, 1);
    }

    private static TestInputTopic<byte[], byte[]> input(TopologyTestDriver driver) {
        return driver.createInputTopic("trades", new ByteArraySerializer(), new ByteArraySerializer());
    }

    private void send(TopologyTestDriver driver, Trade trade) {
        if (trade.eventTimeNanos() > time.epochNanos() && trade.eventTimeNanos() - START < 3_000 * SECOND) {
            time.advance(Duration.ofNanos(trade.eventTimeNanos() - time.epochNanos()));
        }
        driver.createInputTopic(
                        "trades",
                        new StringSerializer(),
                        RecordSerdes.events(Format.PROTOBUF).serializer())
                .pipeInput(trade.symbol(), (MarketEvent) trade);
    }

    private List<Bar> revised(TopologyTestDriver driver) {
        pass(driver, Duration.ofMillis(250));
        return bars(driver).stream()
                .filter(bar -> bar.state() == BarState.REVISED)
                .toList();
    }

    private static List<Bar> bars(TopologyTestDriver driver) {
        return values(driver, "aggregates-1m", RecordSerdes.bars(Format.PROTOBUF));
    }

    private static <T> List<T> values(TopologyTestDriver driver, String topic, Serde<T> serde) {
        return driver.createOutputTopic(topic, new StringDeserializer(), serde.deserializer())
                .readValuesToList();
    }

    private static List<String> keys(TopologyTestDriver driver, String topic) {
        return driver
                .createOutputTopic(topic, new StringDeserializer(), new ByteArrayDeserializer())
                .readKeyValuesToList()
                .stream()
                .map(record -> record.key)
                .toList();
    }

    private static List<TestRecord<byte[], byte[]>> dead(TopologyTestDriver driver) {
        return driver.createOutputTopic("trades.dead", new ByteArrayDeserializer(), new ByteArrayDeserializer())
                .readRecordsToList();
    }

    private static String text(Headers headers, String name) {
        return new String(headers.lastHeader(name).value(), StandardCharsets.UTF_8);
    }
}
