package io.tsdash.testkit;

import io.tsdash.bus.BusListener;
import io.tsdash.bus.BusOptions;
import io.tsdash.bus.EventBus;
import io.tsdash.time.TimeSource;

class InProcessEventBusContractTest extends EventBusContract {
    @Override
    protected EventBus newBus(BusOptions options, BusListener busListener) {
        return EventBus.inProcess(options, busListener, TimeSource.system());
    }
}
