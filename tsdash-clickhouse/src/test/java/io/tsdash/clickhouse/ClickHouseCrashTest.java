package io.tsdash.clickhouse;

import io.tsdash.engines.ClickHouseServer;
import io.tsdash.testkit.StoreCrashContract;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class ClickHouseCrashTest extends StoreCrashContract {
    private final ClickHouseServer server = ClickHouseServer.start(TestServer.folder("clickhouse-crash"));
    private String address = "";

    @BeforeEach
    void choose() {
        address = server.url() + "/" + TestServer.newDatabase();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Override
    protected String storeName() {
        return "clickhouse";
    }

    @Override
    protected String address() {
        return address;
    }

    @Override
    protected Map<String, String> options() {
        return Map.of("user", ClickHouseServer.USER, "password", ClickHouseServer.PASSWORD, "batch", "10000");
    }

    @Override
    protected Optional<Engine> engine() {
        return Optional.of(Engine.of(server::kill, server::restart));
    }
}
