package io.tsdash.timescale;

import io.tsdash.engines.PostgresServer;
import io.tsdash.testkit.StoreCrashContract;
import java.util.Map;
import java.util.Optional;

class PostgresCrashTest extends StoreCrashContract {
    private final TimescaleOptions options =
            Servers.newSchema(Servers.postgres().port()).build();

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
        PostgresServer server = Servers.postgres();
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
