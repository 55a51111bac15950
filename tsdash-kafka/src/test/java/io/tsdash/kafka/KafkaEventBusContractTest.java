package io.tsdash.kafka;

import io.tsdash.bus.BusListener;
import io.tsdash.bus.BusOptions;
import io.tsdash.bus.EventBus;
import io.tsdash.testkit.EventBusContract;
import io.tsdash.time.TimeSource;

class KafkaEventBusContractTest extends EventBusContract {

    @Override
    protected EventBus newBus(BusOptions options, BusListener busListener) {
        return KafkaEventBus.open(
                Brokers.fresh()
                        .partitions(options.partitions())
                        .publishTimeout(options.publishTimeout())
                        .closeTimeout(options.closeTimeout())
                        .build(),
                busListener,
                TimeSource.system());
    }
}
