package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.TransientException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TokenCallsTest {

    @Test
    void waitsForABlockedSourceNoLongerThanItMayAndCallsItOnceAtATime() throws Exception {
        CompletableFuture<String> gate = new CompletableFuture<>();
        AtomicInteger called = new AtomicInteger();
        TokenCalls calls = new TokenCalls(
                () -> {
                    called.incrementAndGet();
                    return gate.join();
                },
                Duration.ofMillis(50));
        CompletableFuture<String> first = calls.ask();
        assertThatThrownBy(() -> first.get(10, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(TransientException.class)
                .hasMessage("the source of tokens gave none within 50 ms");
        CompletableFuture<String> second = calls.ask();
        gate.complete("t");
        assertThat(second.get(10, TimeUnit.SECONDS)).isEqualTo("t");
        assertThat(called).hasValue(1);
        assertThat(calls.ask().get(10, TimeUnit.SECONDS)).isEqualTo("t");
        assertThat(called).hasValue(2);
    }

    @Test
    void saysWhatTheSourceThrew() {
        TokenCalls calls = new TokenCalls(
                () -> {
                    throw new IllegalStateException("no key");
                },
                Duration.ofSeconds(10));
        assertThatThrownBy(() -> calls.ask().get(10, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no key");
    }
}
