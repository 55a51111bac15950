package io.tsdash.source;

import io.tsdash.error.InvalidInputException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Where the columns of a tape stand; columns that mean nothing here are ignored. */
final class TapeHeader {
    private static final List<String> BAR_COLUMNS =
            List.of("bar_start_ns", "symbol", "interval_s", "open", "high", "low", "close", "volume");

    private final Map<String, Integer> columns;
    private final int count;

    private TapeHeader(Map<String, Integer> columns, int count) {
        this.columns = columns;
        this.count = count;
    }

    /** @throws InvalidInputException naming the columns that are missing, or the one that is there twice */
    static TapeHeader parse(String name, String line) {
        String[] names = line.split(",", -1);
        Map<String, Integer> columns = new HashMap<>();
        for (int i = 0; i < names.length; i++) {
            String column = names[i].strip().replace("\"", "").toLowerCase(Locale.ROOT);
            if (columns.put(column, i) != null && !column.isEmpty()) {
                throw new InvalidInputException(name + " has column '" + column + "' twice");
            }
        }
        TapeHeader header = new TapeHeader(columns, names.length);
        List<String> missing = header.missing();
        if (!missing.isEmpty()) {
            throw new InvalidInputException(name + " misses column " + String.join(", ", missing) + "; its header is '"
                    + new Refused(1, line, "").text() + "'");
        }
        return header;
    }

    boolean holdsBars() {
        return columns.containsKey("bar_start_ns");
    }

    /** Returns the place of a column, or -1 when the tape does not have it. */
    int column(String name) {
        return columns.getOrDefault(name, -1);
    }

    /** Returns how many fields a row must have. */
    int count() {
        return count;
    }

    private List<String> missing() {
        List<String> missing = new ArrayList<>();
        List<String> needed = holdsBars() ? BAR_COLUMNS : List.of("timestamp_ns", "symbol");
        for (String column : needed) {
            if (!columns.containsKey(column)) {
                missing.add("'" + column + "'");
            }
        }
        boolean trades = columns.containsKey("price") && columns.containsKey("volume");
        boolean quotes = columns.containsKey("bid") || columns.containsKey("ask");
        if (!holdsBars() && !trades && !quotes) {
            missing.add("'price' and 'volume' (trades) or 'bid' and 'ask' (quotes)");
        }
        return missing;
    }
}
