package io.tsdash.timescale;

import io.tsdash.error.InvalidInputException;
import io.tsdash.model.Trade;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Trades in the binary form of PostgreSQL's COPY: a header, rows of (length, bytes) a column, and an end.
 *
 * <p>Columns are those of {@link #COLUMNS}, in this order.
 */
final class TradeRows {
    static final String COLUMNS =
            "time, ts, seq, received, price, volume, version, side, sets_price, counts_volume, symbol";

    private static final byte[] HEADER = {
        'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
    };
    private static final short COLUMN_COUNT = 11;
    private static final int FIXED_ROW_BYTES = 2 + 6 * (4 + 8) + (4 + 4) + (4 + 2) + 2 * (4 + 1) + 4;
    private static final int END_BYTES = 2;
    private static final long MICROS_TO_2000 = 946_684_800_000_000L;
    /** What counts stays this far below the largest double, so that no sum of a bar can overflow. */
    private static final double COUNTED_MAX = 1e290;

    private TradeRows() {}

    /**
     * Returns the whole stream.
     *
     * @throws InvalidInputException if the database could not hold or not sum up a trade
     */
    static byte[] encode(List<Trade> trades) {
        Map<String, byte[]> symbols = new HashMap<>();
        long bytes = (long) HEADER.length + END_BYTES;
        for (Trade trade : trades) {
            checkSums(trade);
            bytes += FIXED_ROW_BYTES + symbols.computeIfAbsent(trade.symbol(), TradeRows::utf8).length;
        }
        ByteBuffer rows = ByteBuffer.allocate(Math.toIntExact(bytes)).put(HEADER);
        for (Trade trade : trades) {
            put(rows, trade, symbols.getOrDefault(trade.symbol(), HEADER));
        }
        return rows.putShort((short) -1).array();
    }

    private static void put(ByteBuffer rows, Trade trade, byte[] symbol) {
        rows.putShort(COLUMN_COUNT);
        rows.putInt(Long.BYTES).putLong(Times.microsFloor(trade.eventTimeNanos()) - MICROS_TO_2000);
        rows.putInt(Long.BYTES).putLong(trade.eventTimeNanos());
        rows.putInt(Long.BYTES).putLong(trade.sequence());
        rows.putInt(Long.BYTES).putLong(trade.receiveTimeNanos());
        rows.putInt(Double.BYTES).putDouble(trade.price());
        rows.putInt(Double.BYTES).putDouble(trade.volume());
        rows.putInt(Integer.BYTES).putInt(trade.version());
        rows.putInt(Short.BYTES).putShort((short) trade.side().code());
        rows.putInt(1).put((byte) (trade.setsPrice() ? 1 : 0));
        rows.putInt(1).put((byte) (trade.countsVolume() ? 1 : 0));
        rows.putInt(symbol.length).put(symbol);
    }

    /** PostgreSQL ends a query whose product or sum leaves the range of doubles: one such trade would stop all bars. */
    private static void checkSums(Trade trade) {
        if (trade.countsVolume()) {
            double notional = Math.abs(trade.price() * trade.volume());
            boolean vanishes = notional == 0 && trade.price() != 0 && trade.volume() != 0;
            if (notional > COUNTED_MAX || trade.volume() > COUNTED_MAX || vanishes) {
                throw InvalidInputException.of(
                        "trade", trade, "must have volume and price x volume that can be summed up in this store");
            }
        }
    }

    /**
     * Returns a symbol as the database holds it.
     *
     * @throws InvalidInputException if it cannot
     */
    static byte[] utf8(String symbol) {
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(symbol));
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            return copy;
        } catch (CharacterCodingException e) {
            // Half of a surrogate pair: replaced by a question mark it would be another symbol.
            throw InvalidInputException.of("symbol", symbol, "must be text that UTF-8 can hold");
        }
    }
}
