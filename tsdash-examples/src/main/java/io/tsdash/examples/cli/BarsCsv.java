package io.tsdash.examples.cli;

import io.tsdash.model.Bar;
import io.tsdash.model.Decimals;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Bars as lines of CSV, in shortest exact decimals; a value that is not there is an empty field. */
final class BarsCsv {
    private static final double NANOS_PER_SECOND = 1e9;

    private BarsCsv() {}

    static void trades(Collection<Bar> bars, boolean withTradeCount, Consumer<String> lines) {
        lines.accept("bar_start_ns,symbol,interval_s,open,high,low,close,volume" + (withTradeCount ? ",trades" : ""));
        StringBuilder line = new StringBuilder();
        for (Bar bar : bars) {
            line.setLength(0);
            start(line, bar);
            prices(line, bar);
            decimal(line, bar.volume());
            if (withTradeCount) {
                line.append(',').append(bar.tradeCount());
            }
            lines.accept(line.toString());
        }
    }

    static void quotes(SortedMap<BarKey, Bar> bids, SortedMap<BarKey, Bar> asks, Consumer<String> lines) {
        lines.accept("bar_start_ns,symbol,interval_s,bid_open,bid_high,bid_low,bid_close,"
                + "ask_open,ask_high,ask_low,ask_close");
        TreeSet<BarKey> keys = new TreeSet<>(bids.keySet());
        keys.addAll(asks.keySet());
        StringBuilder line = new StringBuilder();
        for (BarKey key : keys) {
            line.setLength(0);
            start(line, any(key, bids, asks));
            prices(line, bids.get(key));
            prices(line, asks.get(key));
            lines.accept(line.toString());
        }
    }

    private static Bar any(BarKey key, Map<BarKey, Bar> bids, Map<BarKey, Bar> asks) {
        Bar bid = bids.get(key);
        Bar bar = bid != null ? bid : asks.get(key);
        if (bar == null) {
            throw new IllegalStateException("a key is of a bid bar or an ask bar: " + key);
        }
        return bar;
    }

    private static void start(StringBuilder line, Bar bar) {
        line.append(bar.openTimeNanos()).append(',');
        boolean quoted = bar.symbol().indexOf(',') >= 0 || bar.symbol().indexOf('"') >= 0;
        line.append(quoted ? '"' + bar.symbol().replace("\"", "\"\"") + '"' : bar.symbol());
        BigDecimal seconds = BigDecimal.valueOf(bar.interval().size().toNanos() / NANOS_PER_SECOND);
        line.append(',').append(seconds.stripTrailingZeros().toPlainString());
    }

    private static void prices(StringBuilder line, @Nullable Bar bar) {
        if (bar == null) {
            line.append(",,,,");
            return;
        }
        decimal(line, bar.open());
        decimal(line, bar.high());
        decimal(line, bar.low());
        decimal(line, bar.close());
    }

    private static void decimal(StringBuilder line, double value) {
        line.append(',');
        if (!Double.isNaN(value)) {
            Decimals.append(line, value);
        }
    }
}
