package io.tsdash.timescale;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.store.MarketStore;
import io.tsdash.testkit.ForeignZoneContract;
import io.tsdash.time.TimeSource;
import java.util.List;

/** The zone of a session is that of the JVM, as the driver has it. */
abstract class ForeignZone extends ForeignZoneContract {
    private final TimescaleOptions options = Servers.newSchema(port()).build();

    abstract int port();

    @Override
    protected MarketStore newStore() {
        return reopened();
    }

    @Override
    protected MarketStore reopened() {
        try (Connections connections = new Connections(options, TimeSource.system())) {
            List<String> zone = connections.run(connection -> Sql.texts(connection, "SHOW TimeZone"));
            assertThat(zone).containsExactly("Australia/Lord_Howe");
        }
        return TimescaleMarketStore.open(options, TimeSource.system());
    }
}
