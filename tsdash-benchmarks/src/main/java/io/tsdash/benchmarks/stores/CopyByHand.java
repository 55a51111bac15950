package io.tsdash.benchmarks.stores;

import io.tsdash.model.Trade;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** What someone who needs nothing but speed would write: one connection, one buffer, binary COPY, no second look. */
final class CopyByHand implements AutoCloseable {
    private static final byte[] HEADER = {
        'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
    };
    private static final long MICROS_TO_2000 = 946_684_800_000_000L;

    private final Connection connection;
    private final String sql;
    private final ByteBuffer buffer = ByteBuffer.allocate(4 * 1024 * 1024);

    CopyByHand(int port, String schema, boolean idempotent) throws SQLException {
        connection = DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres&sslmode=disable");
        sql = "COPY " + schema + ".trades (time, ts, seq, received, price, volume, version, side, sets_price,"
                + " counts_volume, symbol) FROM STDIN (FORMAT binary)";
        if (!idempotent) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("DROP INDEX " + schema + ".trades_identity");
                statement.execute("CREATE INDEX ON " + schema + ".trades (symbol, time)");
            }
        }
    }

    void write(List<Trade> trades) throws SQLException {
        buffer.clear().put(HEADER);
        for (Trade trade : trades) {
            byte[] symbol = trade.symbol().getBytes(StandardCharsets.UTF_8);
            buffer.putShort((short) 11);
            buffer.putInt(8).putLong(trade.eventTimeNanos() / 1_000 - MICROS_TO_2000);
            buffer.putInt(8).putLong(trade.eventTimeNanos());
            buffer.putInt(8).putLong(trade.sequence());
            buffer.putInt(8).putLong(trade.receiveTimeNanos());
            buffer.putInt(8).putDouble(trade.price());
            buffer.putInt(8).putDouble(trade.volume());
            buffer.putInt(4).putInt(0);
            buffer.putInt(2).putShort((short) 0);
            buffer.putInt(1).put((byte) 1);
            buffer.putInt(1).put((byte) 1);
            buffer.putInt(symbol.length).put(symbol);
        }
        buffer.putShort((short) -1);
        CopyIn copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(sql);
        copy.writeToCopy(buffer.array(), 0, buffer.position());
        copy.endCopy();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
