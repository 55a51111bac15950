package io.tsdash.timescale;

import io.tsdash.engines.TimescaleServer;
import io.tsdash.testkit.StoreCrashContract;
import java.util.Map;
import java.util.Optional;

class TimescaleCrashTest extends StoreCrashContract {
    private final TimescaleOptions options =
            Servers.newSchema(Servers.timescale().port()).build();

    @Override
    protected String storeName() {
        return "timescale";
    }

    @Override
    protected String address() {
        return "127.0.0.1:" + options.port() + "/" + options.database();
    }

    @Override
    protected Map<String, String> options() {
        return Map.of("user", options.user(), "schema", options.schema(), "refreshBy", "nobody");
    }

    @Override
    protected Optional<Engine> engine() {
        TimescaleServer server = Servers.timescale();
        return Optional.of(new Engine() {
            @Override
            public void kill() {
                server.kill();
            }

            @Override
            public void restart() {
                server.restart();
            }
        });
    }
}
