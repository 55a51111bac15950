package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.store.MarketStore;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RestWorkersTest {
    @Test
    void requestsThatFindNoWorkerAreRefusedAndTheServerGoesOn() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch inside = new CountDownLatch(1);
        try (TestServer server = TestServer.start(
                MarketStore.inMemory(),
                options -> options.restWorkers(1, 1).readyWhen("gate", () -> {
                    inside.countDown();
                    return waited(gate);
                }))) {
            CompletableFuture<Integer> first = get(server, "/health/ready");
            assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
            List<CompletableFuture<Integer>> more = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                more.add(get(server, "/health/ready"));
            }
            TestServer.await(
                    "four to be refused",
                    () -> more.stream()
                                    .filter(each -> each.isDone() && each.join() == 503)
                                    .count()
                            == 4);
            gate.countDown();
            assertThat(first.get(10, TimeUnit.SECONDS)).isEqualTo(200);
            assertThat(server.get("/health/live").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void requestThatTakesTooLongIsAnsweredSo() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (TestServer server = TestServer.start(
                MarketStore.inMemory(),
                options -> options.restTimeout(Duration.ofMillis(100)).readyWhen("gate", () -> waited(never)))) {
            assertThat(server.get("/health/ready").statusCode()).isEqualTo(504);
            assertThat(server.get("/health/live").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void storeThatFailsForNowIsAProblemWithRetry() throws Exception {
        MarketStore failing = (MarketStore) Proxy.newProxyInstance(
                MarketStore.class.getClassLoader(), new Class<?>[] {MarketStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        return null;
                    }
                    throw new io.tsdash.error.TransientException("the database is restarting");
                });
        try (TestServer server = TestServer.start(failing, options -> options)) {
            var answer = server.get("/historical/trades?symbol=A");
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).contains("the database is restarting").contains("\"retry\":true");
        }
    }

    @Test
    void aSlowStoreHoldsUpOnlyWhatAsksIt() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch inside = new CountDownLatch(1);
        MarketStore slow = (MarketStore) Proxy.newProxyInstance(
                MarketStore.class.getClassLoader(), new Class<?>[] {MarketStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("symbols")) {
                        inside.countDown();
                        waited(gate);
                    }
                    return method.getReturnType() == List.class ? List.of() : null;
                });
        try (TestServer server = TestServer.start(slow, options -> options.restWorkers(1, 1))) {
            CompletableFuture<Integer> asks = get(server, "/symbols");
            assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(server.get("/latest").statusCode()).isEqualTo(200);
            gate.countDown();
            assertThat(asks.get(10, TimeUnit.SECONDS)).isEqualTo(200);
        }
    }

    private static CompletableFuture<Integer> get(TestServer server, String path) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return server.get(path).statusCode();
                    } catch (java.io.IOException | InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                },
                task -> new Thread(task).start());
    }

    private static Optional<String> waited(CountDownLatch latch) {
        try {
            return latch.await(20, TimeUnit.SECONDS) ? Optional.empty() : Optional.of("still waiting");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted");
        }
    }
}
