package io.tsdash.clickhouse;

import io.tsdash.model.Trade;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A set of bars of one level, by symbol and open time. Single-threaded. */
final class Windows {
    /** One of them. */
    record Window(String symbol, long openNanos) {
        static final Comparator<Window> BY_TIME =
                Comparator.comparingLong(Window::openNanos).thenComparing(Window::symbol);
    }

    private final Map<String, Set<Long>> opens = new HashMap<>();
    private int size;

    /** Returns the finest bars that hold these trades. */
    static Windows of(Collection<Trade> trades) {
        Windows windows = new Windows();
        trades.forEach(windows::add);
        return windows;
    }

    void add(Trade trade) {
        add(trade.symbol(), Level.finest().interval().openTimeNanos(trade.eventTimeNanos()));
    }

    void add(String symbol, long openNanos) {
        if (opens.computeIfAbsent(symbol, key -> new HashSet<>()).add(openNanos)) {
            size++;
        }
    }

    void addAll(Windows other) {
        other.opens.forEach((symbol, times) -> times.forEach(open -> add(symbol, open)));
    }

    void removeAll(Windows other) {
        other.opens.forEach((symbol, times) -> {
            Set<Long> ours = opens.get(symbol);
            if (ours != null) {
                size -= ours.size();
                ours.removeAll(times);
                size += ours.size();
                if (ours.isEmpty()) {
                    opens.remove(symbol);
                }
            }
        });
    }

    /** Returns those of some symbols. */
    Windows of(Set<String> symbols) {
        Windows part = new Windows();
        for (String symbol : symbols) {
            Set<Long> times = opens.get(symbol);
            if (times != null) {
                times.forEach(open -> part.add(symbol, open));
            }
        }
        return part;
    }

    /** Returns the windows of a coarser level that these lie in. */
    Windows in(Level level) {
        Windows coarser = new Windows();
        opens.forEach((symbol, times) ->
                times.forEach(open -> coarser.add(symbol, level.interval().openTimeNanos(open))));
        return coarser;
    }

    Set<String> symbols() {
        return Set.copyOf(opens.keySet());
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Returns all of them in order of time. */
    List<Window> inOrder() {
        List<Window> all = new ArrayList<>(size);
        opens.forEach((symbol, times) -> times.forEach(open -> all.add(new Window(symbol, open))));
        all.sort(Window.BY_TIME);
        return all;
    }
}
