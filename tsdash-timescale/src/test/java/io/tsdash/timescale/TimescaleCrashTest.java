package io.tsdash.timescale;

import io.tsdash.engines.TimescaleServer;
import java.util.Optional;

class TimescaleCrashTest extends CrashContract {
    @Override
    int port() {
        return Servers.timescale().port();
    }

    @Override
    protected Optional<Engine> engine() {
        TimescaleServer server = Servers.timescale();
        return Optional.of(Engine.of(server::kill, server::restart));
    }
}
