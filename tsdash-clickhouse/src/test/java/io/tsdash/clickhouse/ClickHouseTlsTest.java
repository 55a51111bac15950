package io.tsdash.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.tsdash.engines.ClickHouseServer;
import io.tsdash.engines.SelfSigned;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.testkit.FaultProxy;
import io.tsdash.time.TimeSource;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A port that speaks TLS, with a certificate that vouches for itself. */
@Timeout(60)
class ClickHouseTlsTest {
    @TempDir
    private Path folder;

    private HttpsServer server;

    @BeforeEach
    void start() throws Exception {
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context(SelfSigned.in(folder))));
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void saysThatItDoesNotTrustTheCertificate() {
        assertThatThrownBy(() -> open("https", server.getAddress().getPort()))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("do not agree on TLS: check http or https, the port and the certificate");
    }

    @Test
    void saysThatItSpeaksPlainlyToATlsPort() {
        assertThatThrownBy(() -> open("http", server.getAddress().getPort()))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("begins with https");
    }

    @Test
    void takesAPlainPortThatCutsForOneThatMayBeBack() {
        try (FaultProxy proxy = FaultProxy.to("127.0.0.1", TestServer.shared().port())) {
            proxy.cutAfterReceiving(0);
            assertThatThrownBy(() -> open("http", proxy.port())).isInstanceOf(TransientException.class);
        }
    }

    private static void open(String scheme, int port) {
        long begun = System.nanoTime();
        try {
            ClickHouseMarketStore.open(
                            ClickHouseOptions.at(scheme + "://127.0.0.1:" + port)
                                    .user(ClickHouseServer.USER, ClickHouseServer.PASSWORD)
                                    .connectTimeout(Duration.ofSeconds(2))
                                    .requestTimeout(Duration.ofSeconds(2))
                                    .build(),
                            TimeSource.system())
                    .close();
        } finally {
            assertThat(System.nanoTime() - begun).isLessThan(TimeUnit.SECONDS.toNanos(20));
        }
    }

    private static SSLContext context(SelfSigned made) throws GeneralSecurityException {
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(made.keys(), SelfSigned.PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }
}
