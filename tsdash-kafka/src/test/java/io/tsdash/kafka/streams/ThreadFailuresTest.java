package io.tsdash.kafka.streams;

import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.REPLACE_THREAD;
import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.error.ConfigurationException;
import io.tsdash.testkit.ManualTimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ThreadFailuresTest {
    private final ManualTimeSource time = new ManualTimeSource(0);
    private final List<Object> told = new ArrayList<>();
    private final ThreadFailures failures = new ThreadFailures(time, (failure, response) -> told.add(response));

    @Test
    void replacesAThreadWhoseFailureMayPass() {
        assertThat(failures.handle(new IllegalStateException("broker away"))).isEqualTo(REPLACE_THREAD);
        assertThat(told).containsExactly(REPLACE_THREAD);
    }

    @Test
    void shutsDownWhenTheReasonStays() {
        RuntimeException wrapped = new IllegalStateException(new ConfigurationException(List.of("wrong")));

        assertThat(failures.handle(wrapped)).isEqualTo(SHUTDOWN_CLIENT);
        assertThat(failures.handle(new OutOfMemoryError())).isEqualTo(SHUTDOWN_CLIENT);
    }

    @Test
    void shutsDownWhenThreadsFailAgainAndAgain() {
        for (int i = 0; i < 10; i++) {
            assertThat(failures.handle(new IllegalStateException())).isEqualTo(REPLACE_THREAD);
        }
        assertThat(failures.handle(new IllegalStateException())).isEqualTo(SHUTDOWN_CLIENT);
        time.advance(Duration.ofMinutes(6));
        assertThat(failures.handle(new IllegalStateException())).isEqualTo(REPLACE_THREAD);
    }
}
