package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.distribution.Permissions;
import io.tsdash.error.ConfigurationException;
import io.tsdash.error.TransientException;
import io.tsdash.store.MarketStore;
import io.tsdash.transport.access.Authentication;
import io.tsdash.transport.access.Grant;
import io.tsdash.transport.access.Quotas;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class PageTest {
    private static final Page NUMBERS =
            accept -> new Page.Content("text/plain", ("as " + accept).getBytes(StandardCharsets.UTF_8));

    @Test
    void showsThePageInTheFormThatTheClientAsksFor() throws IOException, InterruptedException {
        try (TestServer server = start(options -> options.page("/metrics", NUMBERS))) {
            HttpResponse<String> answer = server.get("/metrics", "accept", "application/openmetrics-text");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("as application/openmetrics-text");
            assertThat(answer.headers().firstValue("content-type")).contains("text/plain");
            assertThat(answer.headers().firstValue("cache-control")).contains("no-store");
            assertThat(server.get("/metrics?all=1").statusCode()).isEqualTo(400);
        }
    }

    @Test
    void protectedPageNeedsItsPermissionAndAnOpenOneNone() throws IOException, InterruptedException {
        try (TestServer server = start(options -> options.page("/metrics", "metrics", NUMBERS)
                .page("/open", NUMBERS)
                .authenticator(token -> new Authentication.Granted(new Grant(
                        token, Permissions.of(List.of(token)), Long.MAX_VALUE, new Quotas(10, 10, 10, 10)))))) {
            assertThat(server.get("/metrics").statusCode()).isEqualTo(401);
            HttpResponse<String> forbidden = server.get("/metrics", "authorization", "Bearer prices:*");
            assertThat(forbidden.statusCode()).isEqualTo(403);
            assertThat(forbidden.body()).contains("the page needs the permission 'metrics' but there are: prices:*");
            assertThat(server.get("/metrics", "authorization", "Bearer metrics").statusCode())
                    .isEqualTo(200);
            assertThat(server.get("/open").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void protectedPageIsOpenWhereNobodyIsAskedWhoTheyAre() throws IOException, InterruptedException {
        try (TestServer server = start(options -> options.page("/metrics", "metrics", NUMBERS))) {
            assertThat(server.get("/metrics").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void pageThatCannotBeMadeNowIsAProblemWithRetry() throws IOException, InterruptedException {
        try (TestServer server = start(options -> options.page("/metrics", accept -> {
            throw new TransientException("not now");
        }))) {
            HttpResponse<String> answer = server.get("/metrics");
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).contains("not now", "\"retry\":true");
        }
    }

    @Test
    void refusesPathsThatAreTakenOrNoPathsAllAtOnce() {
        assertThatThrownBy(() -> start(options -> options.page("/latest", NUMBERS)
                        .page("metrics", NUMBERS)
                        .page("/user/x", NUMBERS)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("page was '/latest' but it must be like /name, and nothing else may be there")
                .hasMessageContaining("page was 'metrics'")
                .hasMessageContaining("page was '/user/x'");
    }

    private static TestServer start(UnaryOperator<TsdashServerBuilder> options) {
        return TestServer.start(MarketStore.inMemory(), options);
    }
}
