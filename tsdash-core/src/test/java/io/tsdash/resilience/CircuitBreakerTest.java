package io.tsdash.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.ConfigurationException;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {
    private final AtomicLong nanos = new AtomicLong();
    private final TimeSource time = new TimeSource() {
        @Override
        public long epochNanos() {
            return nanos.get();
        }

        @Override
        public long monotonicNanos() {
            return nanos.get();
        }
    };
    private final CircuitBreaker breaker = new CircuitBreaker(3, Duration.ofSeconds(1), Duration.ofSeconds(4), time);

    @Test
    void opensAfterFailuresInARowOnly() {
        for (int i = 0; i < 10; i++) {
            breaker.failed();
            breaker.failed();
            breaker.succeeded();
        }
        assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.CLOSED);
        breaker.failed();
        breaker.failed();
        assertThat(breaker.tryAcquire()).isTrue();
        breaker.failed();
        assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.OPEN);
        assertThat(breaker.tryAcquire()).isFalse();
    }

    @Test
    void letsOneCallThroughAfterThePauseAndClosesWhenItSucceeds() {
        open();
        pass(Duration.ofMillis(700));
        assertThat(breaker.tryAcquire()).isFalse();
        pass(Duration.ofMillis(600));
        assertThat(breaker.tryAcquire()).isTrue();
        assertThat(breaker.tryAcquire()).as("a second call while half open").isFalse();
        breaker.succeeded();
        assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.CLOSED);
        breaker.failed();
        breaker.failed();
        assertThat(breaker.state()).as("failures before do not count").isEqualTo(CircuitBreaker.State.CLOSED);
    }

    @Test
    void pausesLongerEachTimeUpToTheLongest() {
        open();
        for (long pauseMillis : new long[] {1_000, 2_000, 4_000, 4_000}) {
            pass(Duration.ofMillis(pauseMillis * 79 / 100));
            assertThat(breaker.tryAcquire()).isFalse();
            pass(Duration.ofMillis(pauseMillis * 42 / 100));
            assertThat(breaker.tryAcquire()).isTrue();
            breaker.failed();
        }
    }

    @Test
    void sendsAnotherWhenTheOneThatWentToSeeNeverTold() {
        open();
        pass(Duration.ofSeconds(2));
        assertThat(breaker.tryAcquire()).isTrue();
        pass(Duration.ofSeconds(3));
        assertThat(breaker.tryAcquire()).isFalse();
        pass(Duration.ofSeconds(2));
        assertThat(breaker.tryAcquire()).isTrue();
    }

    @Test
    void aSuccessOfBeforeItOpenedDoesNotCloseIt() {
        open();
        breaker.succeeded();
        assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.OPEN);
    }

    @Test
    void reportsAllProblemsAtOnce() {
        assertThatThrownBy(() -> new CircuitBreaker(0, Duration.ZERO, Duration.ofSeconds(-1), time))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("failuresMax was '0'")
                .hasMessageContaining("pauseMin was 'PT0S'")
                .hasMessageContaining("pauseMax was 'PT-1S'");
    }

    private void open() {
        breaker.failed();
        breaker.failed();
        breaker.failed();
    }

    private void pass(Duration duration) {
        nanos.addAndGet(duration.toNanos());
    }
}
