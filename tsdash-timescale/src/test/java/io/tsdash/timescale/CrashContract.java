package io.tsdash.timescale;

import io.tsdash.testkit.StoreCrashContract;
import java.util.Map;

/** A million trades under {@code kill -9}, on the server of a port. */
abstract class CrashContract extends StoreCrashContract {
    private final TimescaleOptions options = Servers.newSchema(port()).build();

    abstract int port();

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
}
