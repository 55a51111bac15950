package io.tsdash.timescale;

import io.tsdash.engines.PostgresServer;
import java.util.Optional;

class PostgresCrashTest extends CrashContract {
    @Override
    int port() {
        return Servers.postgres().port();
    }

    @Override
    protected Optional<Engine> engine() {
        PostgresServer server = Servers.postgres();
        return Optional.of(Engine.of(server::kill, server::restart));
    }
}
