package io.tsdash.timescale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.engines.PostgresServer;
import io.tsdash.engines.SelfSigned;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.store.MarketStore;
import io.tsdash.store.writer.StoreWriter;
import io.tsdash.testkit.SpillingWriter;
import io.tsdash.time.TimeSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in, how, and what the others are told. */
@Timeout(120)
class AccessTest {
    private static final List<Trade> BATCH = List.of(Trade.of("A", 1, 1, 1, 1));

    private static SelfSigned certificate;
    private static PostgresServer server;

    @BeforeAll
    static void startServerWithTls() throws Exception {
        Path folder = Servers.newFolder("access");
        certificate = SelfSigned.in(folder);
        PostgresServer.own(certificate.certificate());
        PostgresServer.own(certificate.key());
        server = PostgresServer.start(
                folder, "ssl=on", "ssl_cert_file=" + certificate.certificate(), "ssl_key_file=" + certificate.key());
        Path rules = server.data().resolve("pg_hba.conf");
        Files.writeString(rules, """
                host all locked 127.0.0.1/32 scram-sha-256
                hostssl all encrypted 127.0.0.1/32 trust
                hostnossl all encrypted 127.0.0.1/32 reject
                """ + Files.readString(rules));
        Sql.run(
                server.port(),
                "SELECT pg_reload_conf()",
                "CREATE ROLE locked LOGIN PASSWORD 'right'",
                "CREATE ROLE encrypted LOGIN SUPERUSER",
                "CREATE ROLE reader LOGIN",
                "CREATE ROLE crowd LOGIN CONNECTION LIMIT 0",
                "GRANT CREATE ON DATABASE postgres TO locked");
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Test
    void saysThatThePasswordIsWrongAndNotWhatItWas() {
        assertInTime(() -> open(options().login("locked", "wrong-secret")))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("127.0.0.1:" + server.port())
                .hasMessageContaining("refuses user and password")
                .hasMessageNotContaining("wrong-secret");
        works(options().login("locked", "right"));
    }

    @Test
    void saysThatTheDatabaseIsNotThere() {
        assertInTime(() -> open(options().database("nowhere")))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("has no such database");
    }

    @Test
    void saysThatTheHostIsNotKnown() {
        assertInTime(() -> open(options().server("no-such-host.invalid", 5432)))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("no-such-host.invalid")
                .hasMessageContaining("host that is not known");
    }

    @Test
    void saysThatNobodyListens() {
        // Port 1 is of a service that nobody runs.
        assertInTime(() -> open(options().server("127.0.0.1", 1)))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("cannot be reached");
    }

    @Test
    void saysThatTheServerHasNoPlaceForAnotherConnection() {
        assertInTime(() -> open(options().login("crowd", "")))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("too many connections");
    }

    @Test
    void saysThatAPlainServerDoesNotSpeakTls() {
        assertInTime(() -> open(Servers.newSchema(Servers.postgres().port()).sslMode(SslMode.REQUIRE)))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("check sslMode 'require'");
    }

    @Test
    void saysThatATlsServerTakesNoPlainClient() {
        assertInTime(() -> open(options().login("encrypted", "").sslMode(SslMode.DISABLE)))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("check user, sslMode");
        works(options().login("encrypted", "").sslMode(SslMode.REQUIRE));
    }

    @Test
    void saysThatTheCertificateIsNotTrusted() {
        assertInTime(() -> open(options().sslMode(SslMode.VERIFY_CA).sslRootCertificate(wrongCertificate())))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("could not be reached with TLS");
        // The certificate is for localhost, not for its number.
        TimescaleOptionsBuilder verified =
                options().sslRootCertificate(certificate.certificate().toString());
        assertInTime(() -> open(verified.sslMode(SslMode.VERIFY_FULL)))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("could not be reached with TLS");
        works(verified.sslMode(SslMode.VERIFY_CA));
        works(verified.sslMode(SslMode.VERIFY_FULL).server("localhost", server.port()));
    }

    @Test
    void letsAUserReadWhoMayNotWrite(@TempDir Path folder) throws Exception {
        TimescaleOptionsBuilder builder = options();
        String schema = builder.build().schema();
        assertInTime(() -> open(builder.login("reader", "")))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("forbids this to the user");
        works(builder.login("postgres", ""));
        Sql.run(
                server.port(),
                "GRANT USAGE ON SCHEMA " + schema + " TO reader",
                "GRANT SELECT ON ALL TABLES IN SCHEMA " + schema + " TO reader");
        // Its options do not count for the jobs of the database, which it may not change.
        builder.chunkInterval(Duration.ofDays(3));
        try (MarketStore store = open(builder.login("reader", ""));
                StoreWriter writer = SpillingWriter.start(store, folder)) {
            assertThat(store.tradeCount()).isEqualTo(1);
            assertInTime(() -> store.appendTrades(BATCH))
                    .isInstanceOf(PermanentException.class)
                    .hasMessageContaining("forbids this to the user");
            assertThat(store.symbols()).containsExactly("A");
            SpillingWriter.assertWaits(writer, List.of(Trade.of("B", 1, 1, 1, 1), Trade.of("C", 1, 1, 1, 1)));
            Sql.run(server.port(), "GRANT INSERT ON " + schema + ".trades TO reader");
            SpillingWriter.assertArrives(writer);
            assertThat(store.symbols()).containsExactly("A", "B", "C");
        }
    }

    private static String wrongCertificate() {
        try {
            return SelfSigned.in(Servers.newFolder("other")).certificate().toString();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static TimescaleOptionsBuilder options() {
        return Servers.newSchema(server.port());
    }

    private static MarketStore open(TimescaleOptionsBuilder builder) {
        return TimescaleMarketStore.open(builder.build(), TimeSource.system());
    }

    /** Sooner than the time that a connection may take. */
    private static AbstractThrowableAssert<?, ? extends Throwable> assertInTime(ThrowingCallable call) {
        long start = System.nanoTime();
        var failure = assertThatThrownBy(call);
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isLessThan(options().build().connectTimeout());
        return failure;
    }

    private static void works(TimescaleOptionsBuilder builder) {
        try (MarketStore store = open(builder)) {
            assertThat(store.appendTrades(BATCH).replaced()).isZero();
            assertThat(store.appendTrades(BATCH)).isEqualTo(new AppendResult(0, 0, 1));
        }
    }
}
