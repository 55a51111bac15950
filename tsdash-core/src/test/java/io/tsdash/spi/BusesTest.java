package io.tsdash.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.bus.BusListener;
import io.tsdash.bus.EventBus;
import io.tsdash.error.ConfigurationException;
import io.tsdash.error.InvalidInputException;
import io.tsdash.time.TimeSource;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BusesTest {

    @Test
    void opensTheBusWithinTheProcess() {
        try (EventBus bus = open("in-process", "", Map.of("partitions", "3"))) {
            assertThat(bus.partitions()).isEqualTo(3);
            assertThat(bus.capabilities().keepsWaiting()).isFalse();
            assertThat(bus.capabilities().betweenProcesses()).isFalse();
        }
    }

    @Test
    void listsWhatIsThereWhenABusIsUnknown() {
        assertThatThrownBy(() -> open("carrier-pigeon", "", Map.of()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("bus was 'carrier-pigeon' but there is none of that name. Available: in-process");
    }

    @Test
    void reportsAllProblemsAtOnce() {
        assertThatThrownBy(() -> open("in-process", "host:1", Map.of("partitions", "0", "colour", "red")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("address was 'host:1'")
                .hasMessageContaining("partitions was '0'")
                .hasMessageContaining("bus 'in-process' has no option 'colour'");
    }

    private static EventBus open(String name, String address, Map<String, String> options) {
        return Buses.open(name, address, options, new Silent(), TimeSource.system());
    }

    private static final class Silent implements BusListener {
        @Override
        public void onDropped(String consumer, int partition, long count) {}

        @Override
        public void onUnsent(int partition, long count, RuntimeException cause) {}

        @Override
        public void onRetry(String consumer, int partition, int attempt, RuntimeException cause) {}

        @Override
        public void onSkipped(String consumer, int partition, long count, RuntimeException cause) {}

        @Override
        public void onStopped(String consumer, int partition, RuntimeException cause) {}
    }
}
