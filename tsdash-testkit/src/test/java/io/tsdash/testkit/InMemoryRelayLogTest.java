package io.tsdash.testkit;

import io.tsdash.relay.RelayLog;
import java.time.Duration;

class InMemoryRelayLogTest extends RelayLogContract {
    private final ManualTimeSource time = new ManualTimeSource(0);
    private final RelayLog log = RelayLog.inMemory(LEASE, KEPT, time);

    @Override
    protected RelayLog open() {
        return log;
    }

    @Override
    protected void pass(Duration duration) {
        time.advance(duration);
    }
}
