package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.distribution.Permissions;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import io.tsdash.transport.access.Authentication;
import io.tsdash.transport.access.Grant;
import io.tsdash.transport.access.Quotas;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class OperatorTest {
    @Test
    void channelsAndClientsAreShown() throws IOException, InterruptedException {
        try (TestServer server = TestServer.start()) {
            server.trade("AAPL", 1, 10.5);
            server.trade("MSFT", 1, 20.5);
            TestServer.await(
                    "both symbols",
                    () -> server.hub
                            .ask(channels -> channels.withPrefix("prices:").size() == 2)
                            .join());
            try (RawSocket socket = new RawSocket(server.server.port())) {
                socket.upgrade("/prices", "");
                socket.text("{\"op\":\"subscribe\",\"id\":1,\"channels\":[\"prices:MSFT\"]}");
                socket.frameWith("snapshot");
                HttpResponse<String> answer = server.get("/operator/overview?prefix=prices:");
                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(answer.body())
                        .contains("\"sessions\":1")
                        .containsSubsequence(
                                "\"mostHeard\":[{\"name\":\"prices:MSFT\",\"form\":\"state\",\"sequence\":2,\"subscribers\":1}",
                                "\"name\":\"prices:AAPL\"",
                                "\"subscribers\":0")
                        .containsSubsequence(
                                "\"slowest\":[{\"session\":\"1\",\"user\":\"anonymous\",\"address\":\"/127.0.0.1:",
                                "\"channels\":1,\"intervalMillis\":100,\"queuedBytes\":0,\"fullMillis\":0,\"conflated\":0}")
                        .doesNotContain("bars:");
                assertThat(server.get("/operator/overview?limit=501").body())
                        .contains("limit was '501' but it must be an integer from 1 to 500");
            }
        }
    }

    @Test
    void onlyWhoIsPermittedByNameSeesIt() throws IOException, InterruptedException {
        try (TestServer server = TestServer.start(
                MarketStore.inMemory(), options -> options.authenticator(OperatorTest::authenticate))) {
            assertThat(server.get("/operator/overview").statusCode()).isEqualTo(401);
            HttpResponse<String> all = server.get("/operator/overview", "Authorization", "Bearer *");
            assertThat(all.statusCode()).as("who may see all channels").isEqualTo(403);
            assertThat(all.body()).contains("the call needs the permission 'operator' by this name");
            assertThat(server.get("/operator/overview", "Authorization", "Bearer operator")
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    private static Authentication authenticate(String permission) {
        return new Authentication.Granted(new Grant(
                "ann",
                Permissions.of(List.of(permission)),
                TimeSource.system().epochNanos() + Duration.ofMinutes(1).toNanos(),
                new Quotas(10, 100, 1_000, 1_000)));
    }
}
