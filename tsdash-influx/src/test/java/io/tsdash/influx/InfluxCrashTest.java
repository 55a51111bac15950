package io.tsdash.influx;

import io.tsdash.engines.InfluxServer;
import io.tsdash.testkit.StoreCrashContract;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;

/** A million trades into a real InfluxDB 1.x under {@code kill -9}, of the server and of the writer. */
final class InfluxCrashTest extends StoreCrashContract {
    private final InfluxServer server = InfluxServer.start(TestServers.folder());

    @Override
    protected String storeName() {
        return "influx";
    }

    @Override
    protected String address() {
        return server.address() + "/crash";
    }

    @Override
    protected Map<String, String> options() {
        return Map.of();
    }

    @Override
    protected Optional<Engine> engine() {
        return Optional.of(Engine.of(server::kill, server::restart));
    }

    @AfterEach
    void closeServer() {
        server.close();
    }
}
