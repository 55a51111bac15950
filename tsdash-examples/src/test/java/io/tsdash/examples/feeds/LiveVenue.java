package io.tsdash.examples.feeds;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A market on this machine that goes on whoever listens: speaks as Coinbase Exchange does, with consecutive ids, a heartbeat
 * a second, and all trades there ever were by REST. All clients hear the same trades at the same time.
 */
public final class LiveVenue implements AutoCloseable {
    private static final Pattern PAGE = Pattern.compile("/products/([^/]+)/trades\\?limit=(\\d+)(?:&after=(\\d+))?");
    private static final int TICK_MILLIS = 10;

    private final List<String> symbols;
    private final int tradesPerTick;
    private final List<List<String>> trades = new ArrayList<>(); // by symbol, the bodies of the frames; guarded by this
    private final ExchangeServer server;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private long ticks;
    private boolean closed; // the market, not the server
    private Duration ahead = Duration.ZERO; // of the right time, of the market's clock

    /** @param tradesPerSecond of all symbols together, at least 100 */
    public LiveVenue(int symbolCount, int tradesPerSecond) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < symbolCount; i++) {
            names.add("S" + i + "-USD");
            trades.add(new ArrayList<>());
        }
        symbols = List.copyOf(names);
        tradesPerTick = tradesPerSecond * TICK_MILLIS / 1_000;
        server = new ExchangeServer((client, connection, text) -> {}, this::page);
        var ticking = clock.scheduleAtFixedRate(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
        if (ticking.isDone()) {
            throw new IllegalStateException("the market does not tick");
        }
    }

    /** Returns the feed's text, as a user writes it. */
    public String feed() {
        return "coinbase:" + String.join(",", symbols);
    }

    /** Returns host and port. */
    public String address() {
        return server.address();
    }

    /** Returns the port on the loopback. */
    public int port() {
        return Integer.parseInt(address().substring(address().indexOf(':') + 1));
    }

    /** Returns the names of what is traded. */
    public List<String> symbols() {
        return symbols;
    }

    /** Returns the id of a symbol's last trade; the first has 1. */
    public synchronized long lastId(String symbol) {
        return trades.get(symbols.indexOf(symbol)).size();
    }

    /** From here on nothing is traded; heartbeats go on. */
    public synchronized void closeMarket() {
        closed = true;
    }

    /** From here on the market's clock is wrong by so much. */
    public synchronized void setClockAhead(Duration by) {
        ahead = by;
    }

    /** Sends something that is no message. */
    public void sayNonsense() {
        server.clients.forEach(client -> client.send("{\"type\":\"match\",\"price\":"));
    }

    @Override
    public void close() {
        clock.shutdownNow();
        server.close();
    }

    private synchronized void tick() {
        List<String> frames = new ArrayList<>();
        for (int i = 0; i < tradesPerTick && !closed; i++) {
            long number = ticks * tradesPerTick + i;
            int symbol = (int) (number % symbols.size());
            String body = body(symbol, number);
            trades.get(symbol).add(body);
            frames.add("{\"type\":\"match\",\"product_id\":\"" + symbols.get(symbol) + "\"," + body + "}");
        }
        if (ticks % (1_000 / TICK_MILLIS) == 0) {
            for (int symbol = 0; symbol < symbols.size(); symbol++) {
                frames.add("{\"type\":\"heartbeat\",\"sequence\":1,\"last_trade_id\":"
                        + trades.get(symbol).size() + ",\"product_id\":\"" + symbols.get(symbol) + "\",\"time\":\""
                        + now() + "\"}");
            }
        }
        ticks++;
        server.clients.forEach(client -> client.send(frames));
    }

    private String body(int symbol, long number) {
        return "\"trade_id\":" + (trades.get(symbol).size() + 1) + ",\"side\":\"" + (number % 2 == 0 ? "buy" : "sell")
                + "\",\"size\":\"" + (1 + number % 9) / 8.0 + "\",\"price\":\"" + (1_000 + number % 977) / 10.0
                + "\",\"time\":\"" + now() + "\"";
    }

    private Instant now() {
        return Instant.now().plus(ahead);
    }

    /** The newest first, those older than "after". */
    private synchronized Optional<String> page(String path) {
        Matcher asked = PAGE.matcher(path);
        if (!asked.matches()) {
            return Optional.empty();
        }
        List<String> all = trades.get(symbols.indexOf(asked.group(1)));
        int end = asked.group(3) == null ? all.size() : (int) Math.min(all.size(), Long.parseLong(asked.group(3)) - 1);
        List<String> page = new ArrayList<>(all.subList(Math.max(0, end - Integer.parseInt(asked.group(2))), end));
        Collections.reverse(page);
        return Optional.of(page.stream().map(body -> "{" + body + "}").collect(Collectors.joining(",", "[", "]")));
    }
}
