package io.tsdash.timescale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.PermanentException;
import io.tsdash.model.Trade;
import io.tsdash.spi.Stores;
import io.tsdash.store.AppendResult;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class SchemaTest {
    enum Engine {
        TIMESCALEDB,
        POSTGRESQL;

        int port() {
            return this == TIMESCALEDB
                    ? Servers.timescale().port()
                    : Servers.postgres().port();
        }
    }

    @ParameterizedTest
    @EnumSource
    void isMadeOnceWhenSeveralNodesOpenAtOnce(Engine engine) throws Exception {
        TimescaleOptions options = Servers.newSchema(engine.port()).build();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<AppendResult>> opened = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                long sequence = i;
                opened.add(threads.submit(() -> {
                    try (MarketStore store = TimescaleMarketStore.open(options, TimeSource.system())) {
                        return store.appendTrades(List.of(Trade.of("A", 1, sequence, 1, 1)));
                    }
                }));
            }
            for (Future<AppendResult> each : opened) {
                assertThat(each.get(60, TimeUnit.SECONDS)).isEqualTo(new AppendResult(1, 0, 0));
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(Sql.texts(engine.port(), "SELECT version FROM " + options.schema() + ".tsdash_schema"))
                .containsExactly("1");
    }

    @ParameterizedTest
    @EnumSource
    void isPlannedWithoutAChange(Engine engine) throws Exception {
        TimescaleOptions options = Servers.newSchema(engine.port()).build();
        String address = "127.0.0.1:" + options.port() + "/postgres";
        Map<String, String> settings = Map.of(
                "user", "postgres", "schema", options.schema(), "chunkInterval", "604800", "refreshBy", "nobody");

        List<String> plan = Stores.plan("timescale", address, settings);

        assertThat(plan.get(0)).isEqualTo("CREATE SCHEMA IF NOT EXISTS \"" + options.schema() + "\"");
        assertThat(plan).anyMatch(step -> step.startsWith("CREATE TABLE IF NOT EXISTS") && step.contains("trades"));
        assertThat(plan.stream().anyMatch(step -> step.startsWith("CREATE MATERIALIZED VIEW")))
                .isEqualTo(engine == Engine.TIMESCALEDB);
        assertThat(Sql.texts(engine.port(), "SELECT 1 FROM pg_namespace WHERE nspname = '" + options.schema() + "'"))
                .isEmpty();
        TimescaleMarketStore.open(options, TimeSource.system()).close();
        assertThat(Stores.plan("timescale", address, settings)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void refusesTablesOfAnotherShape(Engine engine) throws Exception {
        TimescaleOptions options = Servers.newSchema(engine.port()).build();
        String trades = options.schema() + ".trades";
        Sql.run(
                engine.port(),
                "CREATE SCHEMA " + options.schema(),
                "CREATE TABLE " + trades + " (time timestamptz NOT NULL, ts bigint, price numeric, symbol text)",
                "INSERT INTO " + trades + " VALUES (now(), 1, 2, 'theirs')");
        assertThatThrownBy(() -> TimescaleMarketStore.open(options, TimeSource.system()))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("table \"" + options.schema() + "\".trades of another shape")
                .hasMessageContaining("price is numeric but it must be double precision")
                .hasMessageContaining("seq is missing but it must be bigint");
        assertThat(Sql.texts(engine.port(), "SELECT symbol FROM " + trades)).containsExactly("theirs");
        assertThat(Sql.texts(
                        engine.port(), "SELECT tablename FROM pg_tables WHERE schemaname = '" + options.schema() + "'"))
                .containsExactly("trades");
    }

    @ParameterizedTest
    @EnumSource
    void refusesTradesThatCouldBeThereTwice(Engine engine) throws Exception {
        TimescaleOptions options = Servers.newSchema(engine.port()).build();
        TimescaleMarketStore.open(options, TimeSource.system()).close();
        Sql.run(
                engine.port(),
                "DROP INDEX " + options.schema() + ".trades_identity",
                "CREATE INDEX trades_identity ON " + options.schema() + ".trades (symbol, time, ts, seq)");
        assertThatThrownBy(() -> TimescaleMarketStore.open(options, TimeSource.system()))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("without its unique index on (symbol, time, ts, seq)");

        String schema = options.schema();
        Sql.run(
                engine.port(),
                "DROP INDEX " + schema + ".trades_identity",
                "CREATE UNIQUE INDEX trades_identity ON " + schema + ".trades (symbol, time, ts, seq)");
        try (MarketStore store = TimescaleMarketStore.open(options, TimeSource.system())) {
            List<Trade> trades = List.of(Trade.of("A", 1, 1, 1, 1));
            assertThat(store.appendTrades(trades)).isEqualTo(new AppendResult(1, 0, 0));
            assertThat(store.appendTrades(trades)).isEqualTo(new AppendResult(0, 0, 1));
        }
    }

    @Test
    void refusesANewerVersion() throws Exception {
        int port = Servers.postgres().port();
        TimescaleOptions options = Servers.newSchema(port).build();
        TimescaleMarketStore.open(options, TimeSource.system()).close();
        Sql.run(port, "UPDATE " + options.schema() + ".tsdash_schema SET version = 99");
        assertThatThrownBy(() -> TimescaleMarketStore.open(options, TimeSource.system()))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("has schema version 99 but this tsdash knows versions up to 1");
    }

    @Test
    void refusesTablesOfAnotherKindOfDatabase() throws Exception {
        int port = Servers.postgres().port();
        TimescaleOptions options = Servers.newSchema(port).build();
        TimescaleMarketStore.open(options, TimeSource.system()).close();
        Sql.run(port, "UPDATE " + options.schema() + ".tsdash_schema SET kind = 'TIMESCALEDB'");
        assertThatThrownBy(() -> TimescaleMarketStore.open(options, TimeSource.system()))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("was made on TIMESCALEDB but the database now is POSTGRESQL");
    }

    @Test
    void keepsItsTablesInAnySchema() {
        TimescaleOptions options = Servers.newSchema(Servers.postgres().port())
                .schema("it's \"mine\"; DROP")
                .build();
        try (MarketStore store = TimescaleMarketStore.open(options, TimeSource.system())) {
            assertThat(store.appendTrades(List.of(Trade.of("A", 1, 1, 1, 1)))).isEqualTo(new AppendResult(1, 0, 0));
            assertThat(store.symbols()).containsExactly("A");
        }
        TimescaleMarketStore.open(options, TimeSource.system()).close();
    }

    @Test
    void setsTheJobsOfTheDatabaseToTheOptions() throws Exception {
        int port = Servers.timescale().port();
        TimescaleOptionsBuilder builder = Servers.newSchema(port)
                .columnstoreAfter(Duration.ofDays(7))
                .tradeRetention(Duration.ofDays(400))
                .refresh(Duration.ofMinutes(2), RefreshBy.DATABASE);
        String jobs = "SELECT proc_name || ' ' || schedule_interval || ' ' || coalesce(config ->> 'drop_after',"
                + " config ->> 'compress_after', '') FROM timescaledb_information.jobs WHERE hypertable_schema = '"
                + builder.build().schema() + "' OR proc_schema = '"
                + builder.build().schema() + "' ORDER BY 1";
        TimescaleMarketStore.open(builder.build(), TimeSource.system()).close();
        assertThat(Sql.texts(port, jobs))
                .hasSize(3)
                .anyMatch(job -> job.startsWith("policy_compression") && job.endsWith("7 days"))
                .anyMatch(job -> job.startsWith("policy_retention") && job.endsWith("9600:00:00"))
                .contains("tsdash_refresh_bars 00:02:00 ");

        builder.columnstoreAfter(Duration.ZERO)
                .tradeRetention(Duration.ZERO)
                .refresh(Duration.ofMinutes(1), RefreshBy.STORE);
        TimescaleMarketStore.open(builder.build(), TimeSource.system()).close();
        assertThat(Sql.texts(port, jobs)).isEmpty();
    }

    @Test
    void knowsTheOlderNamesToo() throws Exception {
        int port = Servers.timescale().port();
        TimescaleOptions options = Servers.newSchema(port)
                .columnstoreAfter(Duration.ofDays(7))
                .refresh(Duration.ofMinutes(1), RefreshBy.DATABASE)
                .build();
        try (MarketStore store = TimescaleMarketStore.open(
                options, TimeSource.system(), real -> new Server(real.kind(), 2, 17, real.extensionSchema()))) {
            assertThat(store.appendTrades(List.of(Trade.of("A", 1, 1, 1, 1)))).isEqualTo(new AppendResult(1, 0, 0));
        }
        assertThat(Sql.texts(
                        port,
                        "SELECT proc_name FROM timescaledb_information.jobs WHERE hypertable_schema = '"
                                + options.schema() + "'"))
                .containsExactly("policy_compression");
        Server older = new Server(Server.Kind.TIMESCALEDB, 2, 17, "public");
        assertThat(new Ddl(older, new Tables("x"), options).applySettings())
                .noneMatch(step -> step.contains("columnstore_policy"));
    }

    @Test
    void reportsAllProblemsOfAnAddressAndItsOptionsAtOnce() {
        assertThatThrownBy(() -> Stores.open(
                        "timescale",
                        "postgresql://me:secret@host/",
                        Map.of("sslMode", "always", "connectionsMax", "many", "colour", "blue", "schema", "pg_x"),
                        TimeSource.system()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("address must be like postgresql://host:port/database")
                .hasMessageContaining("sslMode was 'always'")
                .hasMessageContaining("connectionsMax was 'many'")
                .hasMessageContaining("no option 'colour'")
                .hasMessageContaining("schema was 'pg_x'")
                .hasMessageNotContaining("secret");
    }
}
