package io.tsdash.timescale;

import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A database of another zone, too, as its own jobs would see it. */
class PostgresForeignZoneTest extends ForeignZone {
    @BeforeAll
    static void moveTheDatabase() throws SQLException {
        Sql.run(Servers.postgres().port(), "ALTER DATABASE postgres SET timezone = 'Asia/Kolkata'");
    }

    @AfterAll
    static void moveItBack() throws SQLException {
        Sql.run(Servers.postgres().port(), "ALTER DATABASE postgres RESET timezone");
    }

    @Override
    int port() {
        return Servers.postgres().port();
    }
}
