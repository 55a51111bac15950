package io.tsdash.source;

import io.tsdash.error.InvalidInputException;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.model.Quote;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import java.nio.charset.CharacterCodingException;
import java.time.Duration;

/** Makes events and bars of the fields of a row. Reused for every row; single-threaded. */
final class RowParser {
    private static final double NANOS_PER_SECOND = 1e9;

    private final TapeHeader header;
    private final Fields fields;
    private final SymbolCache symbols = new SymbolCache();

    private final int timestamp;
    private final int exchangeTimestamp;
    private final int symbol;
    private final int price;
    private final int volume;
    private final int bid;
    private final int ask;
    private final int bidSize;
    private final int askSize;
    private final int event;
    private final int sequence;
    private final int version;
    private final int side;
    private final int setsPrice;
    private final int countsVolume;

    RowParser(TapeHeader header) {
        this.header = header;
        this.fields = new Fields(header.count());
        timestamp = header.column("timestamp_ns");
        exchangeTimestamp = header.column("exchange_ts_ns");
        symbol = header.column("symbol");
        price = header.column("price");
        volume = header.column("volume");
        bid = header.column("bid");
        ask = header.column("ask");
        bidSize = header.column("bid_size");
        askSize = header.column("ask_size");
        event = header.column("event");
        sequence = header.column("seq");
        version = header.column("version");
        side = header.column("side");
        setsPrice = header.column("ohlc_eligible");
        countsVolume = header.column("volume_eligible");
    }

    TapeRow parse(byte[] line, int from, int to, long rowNumber) throws RowRefusedException {
        int count = fields.split(line, from, to);
        if (count != header.count()) {
            throw new RowRefusedException("it has " + count + " fields but the header has " + header.count());
        }
        try {
            if (header.holdsBars()) {
                return new TapeRow.OfBar(bar());
            }
            return new TapeRow.OfEvent(
                    switch (kind()) {
                        case 'T' -> trade(rowNumber, 0);
                        case 'C' -> trade(rowNumber, 1);
                        case 'X' -> cancel();
                        default -> quote(rowNumber);
                    });
        } catch (InvalidInputException e) {
            throw new RowRefusedException(String.valueOf(e.getMessage()));
        }
    }

    private char kind() throws RowRefusedException {
        if (has(event)) {
            int start = fields.start(event);
            char kind = (char) fields.bytes()[start];
            if (fields.end(event) - start != 1 || "TQCX".indexOf(kind) < 0) {
                throw refused("event", event, "must be T (trade), Q (quote), C (correction) or X (cancel)");
            }
            return kind;
        }
        if (has(price)) {
            return 'T';
        }
        if (has(bid) || has(ask)) {
            return 'Q';
        }
        throw new RowRefusedException("it has neither a price nor a bid or ask");
    }

    private Trade trade(long rowNumber, int versionMin) throws RowRefusedException {
        long receiveNanos = integer("timestamp_ns", timestamp);
        int rowVersion = has(version) ? version() : versionMin;
        if (rowVersion < versionMin) {
            throw refused("version", version, "must be at least " + versionMin + " for this event");
        }
        if (versionMin > 0 && !has(sequence)) {
            throw new RowRefusedException("a correction needs 'seq' to say which trade it corrects");
        }
        return new Trade(
                symbol(),
                eventNanos(receiveNanos),
                receiveNanos,
                sequence(rowNumber),
                decimal("price", price),
                decimal("volume", volume),
                side(),
                flag("ohlc_eligible", setsPrice),
                flag("volume_eligible", countsVolume),
                rowVersion);
    }

    private Trade cancel() throws RowRefusedException {
        if (!has(sequence)) {
            throw new RowRefusedException("a cancel needs 'seq' to say which trade it takes back");
        }
        long receiveNanos = integer("timestamp_ns", timestamp);
        return Trade.cancel(symbol(), eventNanos(receiveNanos), sequence(0), receiveNanos);
    }

    private Quote quote(long rowNumber) throws RowRefusedException {
        long receiveNanos = integer("timestamp_ns", timestamp);
        return new Quote(
                symbol(),
                eventNanos(receiveNanos),
                receiveNanos,
                sequence(rowNumber),
                decimalOrNaN("bid", bid),
                decimalOrNaN("ask", ask),
                decimalOrNaN("bid_size", bidSize),
                decimalOrNaN("ask_size", askSize));
    }

    private Bar bar() throws RowRefusedException {
        int column = header.column("interval_s");
        double seconds = decimal("interval_s", column);
        Interval interval = Interval.of(Duration.ofNanos(Math.round(seconds * NANOS_PER_SECOND)));
        long openTime = integer("bar_start_ns", header.column("bar_start_ns"));
        if (interval.openTimeNanos(openTime) != openTime) {
            throw refused("bar_start_ns", header.column("bar_start_ns"), "must be a multiple of interval_s");
        }
        double open = decimal("open", header.column("open"));
        double high = decimal("high", header.column("high"));
        double low = decimal("low", header.column("low"));
        double close = decimal("close", header.column("close"));
        if (low > Math.min(open, close) || high < Math.max(open, close)) {
            throw new RowRefusedException("its open or close lies outside of [low, high]");
        }
        double total = decimal("volume", volume);
        if (total < 0) {
            throw refused("volume", volume, "must be finite and not negative");
        }
        int trades = header.column("trades");
        return new Bar(
                symbol(),
                interval,
                openTime,
                interval.closeTimeNanos(openTime),
                open,
                high,
                low,
                close,
                total,
                Double.NaN,
                has(trades) ? integer("trades", trades) : 1,
                openTime,
                interval.closeTimeNanos(openTime) - 1,
                0,
                BarState.CLOSED);
    }

    private boolean has(int column) {
        return column >= 0 && !fields.isEmpty(column);
    }

    private String symbol() throws RowRefusedException {
        if (!has(symbol)) {
            throw new RowRefusedException("symbol is missing");
        }
        try {
            return symbols.get(fields, symbol);
        } catch (CharacterCodingException e) {
            throw new RowRefusedException("symbol is not UTF-8");
        }
    }

    private long eventNanos(long receiveNanos) throws RowRefusedException {
        return has(exchangeTimestamp) ? integer("exchange_ts_ns", exchangeTimestamp) : receiveNanos;
    }

    private long sequence(long rowNumber) throws RowRefusedException {
        return has(sequence) ? integer("seq", sequence) : rowNumber;
    }

    private int version() throws RowRefusedException {
        long value = integer("version", version);
        if (value >= Trade.CANCELLED) {
            throw refused("version", version, "must be less than " + Trade.CANCELLED);
        }
        return (int) value;
    }

    private Side side() {
        if (!has(side)) {
            return Side.UNKNOWN;
        }
        return switch (fields.bytes()[fields.start(side)]) {
            case 'B', 'b' -> Side.BUY;
            case 'S', 's' -> Side.SELL;
            default -> Side.UNKNOWN;
        };
    }

    private boolean flag(String name, int column) throws RowRefusedException {
        if (!has(column)) {
            return true;
        }
        int length = fields.end(column) - fields.start(column);
        return switch (fields.bytes()[fields.start(column)]) {
            case '1' -> flag(name, column, length == 1, true);
            case '0' -> flag(name, column, length == 1, false);
            case 't', 'T' -> flag(name, column, length == 1 || length == 4, true);
            case 'f', 'F' -> flag(name, column, length == 1 || length == 5, false);
            default -> flag(name, column, false, false);
        };
    }

    private boolean flag(String name, int column, boolean good, boolean value) throws RowRefusedException {
        if (!good) {
            throw refused(name, column, "must be 1, 0, true or false");
        }
        return value;
    }

    private double decimalOrNaN(String name, int column) throws RowRefusedException {
        return has(column) ? decimal(name, column) : Double.NaN;
    }

    private double decimal(String name, int column) throws RowRefusedException {
        if (!has(column)) {
            throw new RowRefusedException(name + " is missing");
        }
        double value = DecimalText.parse(fields.bytes(), fields.start(column), fields.end(column));
        if (Double.isNaN(value)) {
            throw refused(name, column, "must be a finite decimal number");
        }
        return value;
    }

    private long integer(String name, int column) throws RowRefusedException {
        if (!has(column)) {
            throw new RowRefusedException(name + " is missing");
        }
        byte[] bytes = fields.bytes();
        int end = fields.end(column);
        int i = fields.start(column);
        long value = 0;
        // 19 digits may overflow a long once; the sign tells.
        boolean good = end - i <= 19;
        for (; good && i < end; i++) {
            int digit = bytes[i] - '0';
            good = digit >= 0 && digit <= 9;
            value = value * 10 + digit;
        }
        if (!good || value < 0) {
            throw refused(name, column, "must be a whole number from 0 to " + Long.MAX_VALUE);
        }
        return value;
    }

    private RowRefusedException refused(String name, int column, String rule) {
        String value;
        try {
            value = fields.text(column);
        } catch (CharacterCodingException e) {
            value = "?";
        }
        return new RowRefusedException(name + " was '" + new Refused(0, value, "").text() + "' but it " + rule);
    }
}
