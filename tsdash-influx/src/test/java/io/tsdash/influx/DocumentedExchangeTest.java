package io.tsdash.influx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.InvalidInputException;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** 2.x and 3.x as documented: no real server, which cannot be had where this project is built. */
@Timeout(60)
final class DocumentedExchangeTest {
    private static final long T0 = 1_772_463_600_000_000_000L;
    private static final String NOTHING = "{\"results\":[{\"statement_id\":0}]}";
    private static final Trade TRADE = Trade.of("A b", T0 + 1_234, 7, 1.5, 2);
    private static final String LINE =
            "trade,symbol=A\\ b price=1.5,volume=2.0,counted_volume=2.0,counted_notional=3.0,"
                    + "counted=1i,priced=1i,flags=3i,version=0i,sequence=7i,event=1772463600000001234i,"
                    + "received=1772463600000001234i 1772463600000001000\n";

    @Test
    @DisplayName("documented exchange, 2.x: makes the bucket, writes by /api/v2/write, deletes by predicate")
    void speaksTheSecondGeneration() {
        try (DocumentedServer server = new DocumentedServer()
                .on("GET /ping", "", 204, "v2.7.4")
                .on("GET /api/v2/buckets?org=desk%201&name=ticks", "", 200, "{\"links\":{},\"buckets\":[]}")
                .on(
                        "GET /api/v2/orgs?org=desk%201",
                        "",
                        200,
                        "{\"links\":{\"self\":\"/api/v2/orgs\"},\"orgs\":[{\"links\":{\"self\":\"x\"},\"id\":\"0a1b\",\"name\":\"desk 1\"}]}")
                .on("POST /api/v2/buckets", "\"orgID\":\"0a1b\"", 201, "{\"id\":\"99\",\"name\":\"ticks\"}")
                .on("POST /api/v2/write?org=desk%201&bucket=ticks&precision=ns", "", 204, "")
                .on(
                        "POST /query?db=ticks&epoch=ns",
                        "SELECT count",
                        200,
                        "{\"results\":[{\"statement_id\":0,\"series\":[{\"name\":\"trade\",\"columns\":[\"time\",\"count\"],"
                                + "\"values\":[[0,3]]}]}]}")
                .on("POST /query?db=ticks&epoch=ns", "GROUP BY \"symbol\"", 200, NOTHING)
                .on("POST /query?db=ticks&epoch=ns", "", 200, NOTHING)
                .on("POST /api/v2/delete?org=desk%201&bucket=ticks", "", 204, "")) {
            InfluxOptions options = InfluxOptions.at(server.address())
                    .database("ticks")
                    .organisation("desk 1")
                    .token("t0ken")
                    .tradeRetention(Duration.ofDays(7))
                    .refreshEvery(Duration.ZERO)
                    .build();
            assertThat(InfluxMarketStore.plan(options))
                    .containsExactly(
                            "POST /api/v2/buckets {\"orgID\":\"…\",\"name\":\"ticks\",\"retentionRules\":"
                                    + "[{\"type\":\"expire\",\"everySeconds\":604800}]}",
                            "INSERT tsdash_schema version=1i 0");
            try (InfluxMarketStore store = InfluxMarketStore.open(options, TimeSource.system())) {
                assertThat(store.capabilities().name()).isEqualTo("influx 2.x");
                server.asked();
                assertThat(store.appendTrades(List.of(TRADE))).isEqualTo(new AppendResult(1, 0, 0));
                List<DocumentedServer.Asked> asked = server.asked();
                assertThat(asked).allMatch(one -> one.authorization().equals("Token t0ken"));
                assertThat(asked.get(asked.size() - 1).body())
                        .startsWith("tsdash_dirty,round=")
                        .endsWith(LINE);
                assertThat(store.tradeCount()).isEqualTo(3);
            }
        }
    }

    @Test
    @DisplayName("documented exchange, 2.x: deletes are requests with times and a predicate")
    void deletesInTheSecondGeneration() {
        try (DocumentedServer server = new DocumentedServer()
                .on("GET /api/v2/buckets", "", 200, "{\"buckets\":[{\"id\":\"1\",\"name\":\"ticks\",\"labels\":[]}]}")
                .on("POST /api/v2/write", "", 204, "")
                .on("POST /api/v2/delete", "", 204, "")
                .on("POST /query", "SHOW FIELD KEYS", 200, nothing(9))
                .on("POST /query", "", 200, NOTHING)) {
            InfluxOptions options = second(server).build();
            try (InfluxMarketStore store = InfluxMarketStore.open(options, TimeSource.system())) {
                server.asked();
                assertThat(store.deleteTradesBefore(T0)).isZero();
                assertThat(server.asked())
                        .extracting(DocumentedServer.Asked::body)
                        .contains("{\"start\":\"1970-01-01T00:00:00Z\",\"stop\":\"2026-03-02T14:59:59.999999999Z\","
                                + "\"predicate\":\"_measurement=\\\"trade\\\"\"}");
            }
        }
    }

    @Test
    @DisplayName("documented exchange, 2.x: refusals are told apart by whether they pass")
    void tellsRefusalsApartInTheSecondGeneration() {
        String busy = "{\"code\":\"too many requests\",\"message\":\"org is over its limit\"}";
        String unknown = "{\"code\":\"unauthorized\",\"message\":\"unauthorized access\"}";
        try (DocumentedServer limited = new DocumentedServer().on("GET /api/v2/buckets", "", 429, busy);
                DocumentedServer closed = new DocumentedServer().on("GET /api/v2/buckets", "", 401, unknown)) {
            assertThatThrownBy(() -> InfluxMarketStore.plan(second(limited).build()))
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("429");
            assertThatThrownBy(() -> InfluxMarketStore.plan(second(closed).build()))
                    .isInstanceOf(PermanentException.class)
                    .hasMessageContaining("credentials")
                    .hasMessageNotContaining("t0ken");
        }
    }

    @ParameterizedTest(name = "documented exchange, 2.x: a write answered with {0} can be tried again")
    @ValueSource(ints = {429, 503})
    void saysThatAWriteOfTheSecondGenerationMayPass(int status) {
        String busy = "{\"code\":\"too many requests\",\"message\":\"org is over its limit\"}";
        try (DocumentedServer server = refusingTrades(status, busy);
                InfluxMarketStore store = InfluxMarketStore.open(second(server).build(), TimeSource.system())) {
            assertThatThrownBy(() -> store.appendTrades(List.of(TRADE)))
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining(String.valueOf(status));
        }
    }

    @ParameterizedTest(name = "documented exchange, 2.x: a write that was rejected in part with {0} is handed back")
    @CsvSource({
        "400, partial write error (2 written): unable to parse 'trade' at line 1",
        "422, failure writing points to database: partial write: points beyond retention policy dropped=1"
    })
    void handsBackAPartialWriteInTheSecondGeneration(int status, String said) {
        String partial = "{\"code\":\"invalid\",\"message\":\"" + said + "\"}";
        try (DocumentedServer server = refusingTrades(status, partial);
                InfluxMarketStore store = InfluxMarketStore.open(second(server).build(), TimeSource.system())) {
            assertThatThrownBy(() -> store.appendTrades(List.of(TRADE)))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("refused 1 of 1 trades: (A b, " + (T0 + 1_234) + ", 7);")
                    .hasMessageContaining(said);
        }
    }

    @Test
    @DisplayName("documented exchange, 3.x: makes the database, writes by /api/v3/write_lp, one statement a query")
    void speaksTheThirdGeneration() {
        try (DocumentedServer server = new DocumentedServer()
                .on("GET /ping", "", 200, "{\"version\":\"3.2.1\",\"revision\":\"abc\",\"process_id\":\"1\"}")
                .on("GET /api/v3/configure/database?format=json", "", 200, "[{\"iox::database\":\"other\"}]")
                .on("POST /api/v3/configure/database", "{\"db\":\"ticks\"}", 200, "{}")
                .on("POST /api/v3/write_lp?db=ticks&precision=nanosecond", "tsdash_schema", 204, "")
                .on("POST /api/v3/write_lp?db=ticks&precision=nanosecond", "trade,", 204, "")
                .on("POST /query?db=ticks&epoch=ns", "", 200, NOTHING)) {
            InfluxOptions options = InfluxOptions.at(server.address())
                    .database("ticks")
                    .token("t0ken")
                    .build();
            try (InfluxMarketStore store = InfluxMarketStore.open(options, TimeSource.system())) {
                assertThat(store.capabilities().name()).isEqualTo("influx 3.x");
                assertThat(store.capabilities().precomputed()).isEmpty();
                server.asked();
                assertThat(store.appendTrades(List.of(TRADE, Trade.of("C", T0, 1, 1, 1))))
                        .isEqualTo(new AppendResult(2, 0, 0));
                List<DocumentedServer.Asked> asked = server.asked();
                assertThat(asked)
                        .hasSize(3)
                        .allMatch(one -> one.authorization().equals("Bearer t0ken"))
                        .noneMatch(one -> one.body().contains(";"));
                assertThat(asked.get(2).body()).contains(LINE).doesNotContain("tsdash_dirty");
                assertThatThrownBy(() -> store.deleteTradesBefore(T0))
                        .isInstanceOf(PermanentException.class)
                        .hasMessageContaining("cannot delete");
            }
        }
    }

    @Test
    @DisplayName("documented exchange, 3.x: a partial write is handed back with what it says")
    void handsBackAPartialWriteInTheThirdGeneration() {
        String partial =
                "{\"error\":\"partial write of line protocol occurred\",\"data\":[{\"original_line\":\"trade\","
                        + "\"line_number\":1,\"error_message\":\"invalid field value\"}]}";
        try (DocumentedServer server = new DocumentedServer()
                .on("GET /api/v3/configure/database", "", 200, "[]")
                .on("POST /api/v3/configure/database", "", 200, "{}")
                .on("POST /api/v3/write_lp", "tsdash_schema", 204, "")
                .on("POST /api/v3/write_lp", "trade,", 400, partial)
                .on("POST /query", "", 200, NOTHING)) {
            InfluxOptions options = InfluxOptions.at(server.address())
                    .generation(InfluxGeneration.V3)
                    .database("ticks")
                    .build();
            try (InfluxMarketStore store = InfluxMarketStore.open(options, TimeSource.system())) {
                assertThatThrownBy(() -> store.appendTrades(List.of(TRADE)))
                        .isInstanceOf(PermanentException.class)
                        .hasMessageContaining("refused 1 of 1 trades: (A b, " + (T0 + 1_234) + ", 7)")
                        .hasMessageContaining("invalid field value");
            }
        }
    }

    @Test
    void saysThatSomethingElseAnswers() {
        try (DocumentedServer server = new DocumentedServer().on("GET /ping", "", 200, "<html>hello</html>")) {
            InfluxOptions options = InfluxOptions.at(server.address()).build();
            assertThatThrownBy(() -> InfluxMarketStore.plan(options))
                    .isInstanceOf(PermanentException.class)
                    .hasMessageContaining("is it InfluxDB?");
        }
    }

    @Test
    void needsAnOrganisationForTheSecondGeneration() {
        try (DocumentedServer server = new DocumentedServer()) {
            assertThatThrownBy(() -> second(server)
                            .organisation("")
                            .requestTimeout(Duration.ZERO)
                            .build())
                    .isInstanceOfSatisfying(
                            ConfigurationException.class,
                            e -> assertThat(e.problems())
                                    .containsExactly(
                                            "organisation was '' but it must be set for InfluxDB 2.x",
                                            "requestTimeout was 'PT0S' but it must be from 1 ms to 1 h"));
        }
    }

    private static InfluxOptions.Builder second(DocumentedServer server) {
        return InfluxOptions.at(server.address())
                .generation(InfluxGeneration.V2)
                .database("ticks")
                .organisation("desk")
                .token("t0ken")
                .refreshEvery(Duration.ZERO);
    }

    /** A server of the second generation that has nothing, and answers a write of trades so. */
    private static DocumentedServer refusingTrades(int status, String answer) {
        return new DocumentedServer()
                .on("GET /api/v2/buckets", "", 200, "{\"buckets\":[{\"id\":\"1\",\"name\":\"ticks\",\"labels\":[]}]}")
                .on("POST /api/v2/write", "trade,", status, answer)
                .on("POST /api/v2/write", "", 204, "")
                .on("POST /query", "SHOW FIELD KEYS", 200, nothing(9))
                .on("POST /query", "", 200, NOTHING);
    }

    private static String nothing(int statements) {
        StringBuilder results = new StringBuilder();
        for (int i = 0; i < statements; i++) {
            results.append(i == 0 ? "" : ",")
                    .append("{\"statement_id\":")
                    .append(i)
                    .append('}');
        }
        return "{\"results\":[" + results + "]}";
    }
}
