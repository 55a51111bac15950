package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.engines.SelfSigned;
import io.tsdash.error.ConfigurationException;
import io.tsdash.store.MarketStore;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
    @TempDir
    private Path folder;

    @Test
    void answersAndMessagesAreEncrypted() throws Exception {
        SelfSigned made = SelfSigned.in(folder);
        try (TestServer server =
                TestServer.start(MarketStore.inMemory(), options -> options.tls(made.certificate(), made.key()))) {
            server.trade("AAPL", 1, 10.5);
            HttpClient client = HttpClient.newBuilder()
                    .sslContext(trusting(made.keys()))
                    .sslParameters(new SSLParameters())
                    .build();
            String host = "localhost:" + server.server.port();
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create("https://" + host + "/symbols"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.body()).contains("AAPL");
            assertThat(answer.sslSession().orElseThrow().getProtocol()).isEqualTo("TLSv1.3");
            CompletableFuture<String> hello = new CompletableFuture<>();
            WebSocket socket = client.newWebSocketBuilder()
                    .buildAsync(URI.create("wss://" + host + "/prices"), new WebSocket.Listener() {
                        @Override
                        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
                            hello.complete(text.toString());
                            return null;
                        }
                    })
                    .get(10, TimeUnit.SECONDS);
            assertThat(hello.get(10, TimeUnit.SECONDS)).contains("hello");
            socket.abort();
        }
    }

    @Test
    void plainRequestGetsNoAnswer() throws Exception {
        SelfSigned made = SelfSigned.in(folder);
        try (TestServer server = TestServer.start(
                        MarketStore.inMemory(), options -> options.tls(made.certificate(), made.key()));
                RawSocket socket = new RawSocket(server.server.port())) {
            socket.send("GET /symbols HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(socket.rest()).doesNotContain("HTTP/1.1 200").doesNotContain("symbols");
        }
    }

    @Test
    void filesThatAreNoCertificateAreNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("nothing.pem"), "nothing");
        assertThatThrownBy(() -> TestServer.start(MarketStore.inMemory(), options -> options.tls(file, file)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("nothing.pem");
    }

    private static SSLContext trusting(KeyStore store) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", store.getCertificate("server"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
