package io.tsdash.transport;

import io.tsdash.cache.CachedValue;
import io.tsdash.cache.NewestBars;
import io.tsdash.delta.RecordBuffer;
import io.tsdash.distribution.Channel;
import io.tsdash.distribution.Channels;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.MarketSchemas;
import io.tsdash.distribution.Permissions;
import io.tsdash.distribution.SnapshotReason;
import io.tsdash.error.TransientException;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.PriceUpdate;
import io.tsdash.model.Trade;
import io.tsdash.resilience.FallbackChain;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.store.StoreCapabilities;
import io.tsdash.store.TradeRange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JsonGenerator;

/** Answers questions about history: {@code docs/protocol.md} section 5. Calls block. Thread-safe. */
final class RestApi {
    private static final long FIVE_MINUTES_NANOS = Duration.ofMinutes(5).toNanos();
    private static final Pattern CURSOR = Pattern.compile("(\\d{1,18})_(-?\\d{1,19})");
    private static final String PRICES = "prices:";
    private static final CachedValue<?> FRESH = new CachedValue<>(Optional.empty(), 0, false);

    private final MarketStore store;
    private final Hub hub;
    private final TradeStatistics statistics;
    private final FallbackChain<String, PriceUpdate> latest;
    private final Optional<NewestBars> newest;
    private final Duration timeout;

    RestApi(
            MarketStore store,
            Hub hub,
            TradeStatistics statistics,
            FallbackChain<String, PriceUpdate> latest,
            Optional<NewestBars> newest,
            Duration timeout) {
        this.store = store;
        this.hub = hub;
        this.statistics = statistics;
        this.latest = latest;
        this.newest = newest;
        this.timeout = timeout;
    }

    static boolean serves(String path) {
        return switch (path) {
            case "/historical/trades",
                    "/historical/bars",
                    "/aggregates/bars",
                    "/aggregates/vwap",
                    "/aggregates/profile",
                    "/aggregates/rolling",
                    "/latest",
                    "/symbols" -> true;
            default -> false;
        };
    }

    /** Returns whether the answer needs the store, and so may take as long as that does. */
    static boolean asksStore(String path) {
        return !path.equals("/latest");
    }

    /** Answers; throws {@link ProblemException} and what the store throws. */
    Answer answer(Query query, Permissions permissions) throws InterruptedException {
        return Answer.json(
                switch (query.path()) {
                    case "/historical/trades" -> trades(query.only("symbol", "from", "to", "limit", "cursor"));
                    case "/historical/bars" ->
                        bars(query.only("symbol", "interval", "from", "to", "limit", "cursor", "fill"));
                    case "/aggregates/bars" -> aggregatedBars(query.only("symbol", "interval", "from", "to", "limit"));
                    case "/aggregates/vwap" -> vwap(query.only("symbol", "from", "to"));
                    case "/aggregates/profile" -> profile(query.only("symbol", "step", "from", "to"));
                    case "/aggregates/rolling" -> rolling(query.only("symbol", "window", "from", "to", "limit"));
                    case "/latest" -> latest(query.only("symbol"), permissions);
                    default -> {
                        query.only();
                        yield symbols(permissions);
                    }
                });
    }

    private byte[] trades(Query query) {
        String symbol = query.required("symbol");
        int limit = query.limit();
        long from = query.time("from").orElse(0L);
        long to = query.time("to").orElse(Long.MAX_VALUE);
        checkRange(from, to);
        TradeRange range = TradeRange.of(symbol, from, to, limit);
        Optional<String> cursor = query.text("cursor");
        if (cursor.isPresent()) {
            Matcher place = cursor(cursor.get());
            long time = Long.parseLong(place.group(1));
            if (time < from || time >= to) {
                throw badCursor(cursor.get());
            }
            range = new TradeRange(symbol, time, to, Long.parseLong(place.group(2)), limit, false);
        }
        List<Trade> trades = new ArrayList<>();
        store.trades(range, trades::add);
        if (trades.isEmpty()) {
            checkKnown(symbol);
        }
        RecordBuffer row = new RecordBuffer(MarketSchemas.TRADE);
        return Json.bytes(json -> {
            json.writeStartObject();
            json.writeStringProperty("symbol", symbol);
            array(json, "trades", trades, trade -> {
                MarketSchemas.fill(row, trade);
                Json.row(json, row, row.present(), false);
            });
            if (trades.size() == limit) {
                Trade last = trades.get(limit - 1);
                json.writeStringProperty("next", last.eventTimeNanos() + "_" + last.sequence());
            } else {
                json.writeNullProperty("next");
            }
            json.writeEndObject();
        });
    }

    private byte[] bars(Query query) {
        String symbol = query.required("symbol");
        Interval interval = query.interval();
        int limit = query.limit();
        Optional<Long> from = query.time("from");
        long to = query.time("to").orElse(Long.MAX_VALUE);
        boolean fill = fill(query);
        Optional<String> cursor = query.text("cursor");
        long start = from.orElse(0L);
        checkRange(start, to);
        if (cursor.isPresent()) {
            start = Long.parseLong(cursor(cursor.get()).group(1)) + 1;
            if (from.isEmpty() || start <= from.get() || start > to) {
                throw badCursor(cursor.get());
            }
        }
        boolean newestWanted = from.isEmpty() && to == Long.MAX_VALUE;
        CachedValue<List<Bar>> answer = newestWanted && newest.isPresent()
                ? newest.get().newest(symbol, interval, limit)
                : new CachedValue<>(
                        Optional.of(store.bars(new BarRange(symbol, interval, start, to, limit, from.isEmpty()))),
                        0,
                        false);
        List<Bar> found = answer.value().orElse(List.of());
        if (found.isEmpty()) {
            checkKnown(symbol);
        }
        List<FilledBar> bars = fill && !found.isEmpty()
                ? FilledBar.fill(found, before(symbol, interval, start, from.isPresent()), start, limit)
                : FilledBar.plain(found);
        return barsJson(symbol, interval, bars, from.isPresent() && bars.size() == limit, answer);
    }

    /** From the bars that the store keeps up to date itself where it has them at once, else straight from the trades. */
    private byte[] aggregatedBars(Query query) {
        String symbol = query.required("symbol");
        Interval interval = query.interval();
        Optional<Long> from = query.time("from");
        long start = from.orElse(0L);
        long to = query.time("to").orElse(Long.MAX_VALUE);
        checkRange(start, to);
        int limit = query.limit();
        BarRange range = new BarRange(symbol, interval, start, to, limit, from.isEmpty());
        StoreCapabilities can = store.capabilities();
        List<Bar> found = can.precomputedAtOnce() && can.precomputed().contains(interval)
                ? store.precomputedBars(range)
                : store.barsOnDemand(range);
        if (found.isEmpty()) {
            checkKnown(symbol);
        }
        return barsJson(symbol, interval, FilledBar.plain(found), from.isPresent() && found.size() == limit, FRESH);
    }

    private byte[] vwap(Query query) {
        String symbol = query.required("symbol");
        checkKnown(symbol);
        long from = query.time("from").orElse(0L);
        long to = query.time("to").orElse(Long.MAX_VALUE);
        checkRange(from, to);
        TradeStatistics.Vwap vwap = statistics.vwap(symbol, from, to);
        return Json.bytes(json -> {
            json.writeStartObject();
            json.writeStringProperty("symbol", symbol);
            json.writeStringProperty("from", Long.toString(from));
            json.writeStringProperty("to", Long.toString(to));
            number(json, "vwap", vwap.vwap());
            number(json, "volume", vwap.volume());
            json.writeNumberProperty("trades", vwap.trades());
            json.writeEndObject();
        });
    }

    private byte[] profile(Query query) {
        String symbol = query.required("symbol");
        double step = query.positive("step");
        Range range = newestFiveMinutes(query, symbol);
        List<TradeStatistics.Level> levels = statistics.profile(symbol, step, range.from, range.to);
        return Json.bytes(json -> {
            json.writeStartObject();
            json.writeStringProperty("symbol", symbol);
            json.writeNumberProperty("step", step);
            json.writeStringProperty("from", Long.toString(range.from));
            json.writeStringProperty("to", Long.toString(range.to));
            array(json, "levels", levels, level -> {
                json.writeStartObject();
                number(json, "price", level.price());
                number(json, "volume", level.volume());
                json.writeNumberProperty("trades", level.trades());
                json.writeEndObject();
            });
            json.writeEndObject();
        });
    }

    private byte[] rolling(Query query) {
        String symbol = query.required("symbol");
        Duration window = query.length("window", "30s");
        int limit = query.limit();
        Range range = newestFiveMinutes(query, symbol);
        List<TradeStatistics.Point> points = statistics.rolling(symbol, window, range.from, range.to, limit);
        return Json.bytes(json -> {
            json.writeStartObject();
            json.writeStringProperty("symbol", symbol);
            json.writeStringProperty("window", Interval.of(window).text());
            array(json, "points", points, point -> {
                json.writeStartObject();
                json.writeStringProperty("time", Long.toString(point.timeNanos()));
                number(json, "average", point.average());
                number(json, "vwap", point.vwap());
                json.writeNumberProperty("trades", point.trades());
                json.writeEndObject();
            });
            json.writeBooleanProperty("truncated", points.size() == limit);
            json.writeEndObject();
        });
    }

    private byte[] latest(Query query, Permissions permissions) throws InterruptedException {
        Optional<String> symbol = query.text("symbol");
        if (symbol.isPresent()) {
            return latestRow(latest.get(symbol.get()).orElseThrow(() -> unknown(symbol.get())));
        }
        return ask(channels -> rows(channels.withPrefix(PRICES).stream()
                .filter(channel -> permissions.cover(channel.name()))
                .toList()));
    }

    private static byte[] latestRow(io.tsdash.resilience.Answer<PriceUpdate> found) {
        RecordBuffer row = new RecordBuffer(MarketSchemas.PRICE);
        MarketSchemas.fill(row, found.value(), found.stale());
        return Json.bytes(json -> {
            json.writeStartObject();
            array(json, "rows", List.of(row), each -> {
                json.writeStartObject();
                Json.fields(json, each, each.present());
                json.writeStringProperty("source", found.source());
                if (found.stale()) { // of a live one its time tells, and the same answer is not sent twice
                    json.writeNumberProperty("ageMillis", found.age().toMillis());
                }
                json.writeEndObject();
            });
            json.writeEndObject();
        });
    }

    private byte[] symbols(Permissions permissions) throws InterruptedException {
        TreeSet<String> names = new TreeSet<>(store.symbols());
        names.addAll(ask(channels -> channels.withPrefix(PRICES).stream()
                .map(channel -> channel.name().substring(PRICES.length()))
                .toList()));
        names.removeIf(symbol -> !permissions.mention(symbol));
        return Json.bytes(json -> {
            json.writeStartObject();
            array(json, "symbols", names, json::writeString);
            json.writeEndObject();
        });
    }

    private static byte[] rows(Collection<Channel> channels) {
        return Json.bytes(json -> {
            json.writeStartObject();
            array(
                    json,
                    "rows",
                    channels,
                    channel -> channel.visitSnapshot(
                            SnapshotReason.SUBSCRIBED, (row, fields, removed) -> Json.row(json, row, fields, removed)));
            json.writeEndObject();
        });
    }

    private <T> T ask(Function<Channels, T> question) throws InterruptedException {
        try {
            return hub.ask(question).get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e);
        } catch (TimeoutException e) {
            throw new TransientException("the hub did not answer within " + timeout, e);
        }
    }

    private static byte[] barsJson(
            String symbol, Interval interval, List<FilledBar> bars, boolean more, CachedValue<?> answer) {
        RecordBuffer row = new RecordBuffer(MarketSchemas.BAR);
        return Json.bytes(json -> {
            json.writeStartObject();
            json.writeStringProperty("symbol", symbol);
            json.writeStringProperty("interval", interval.text());
            array(json, "bars", bars, each -> {
                MarketSchemas.fill(row, each.bar());
                Json.row(json, row, row.present(), each.filled() ? "filled" : "");
            });
            if (more) {
                json.writeStringProperty("next", bars.get(bars.size() - 1).bar().openTimeNanos() + "_0");
            } else {
                json.writeNullProperty("next");
            }
            if (answer.stale()) {
                json.writeBooleanProperty("stale", true);
                json.writeNumberProperty("ageMillis", TimeUnit.NANOSECONDS.toMillis(answer.ageNanos()));
            }
            json.writeEndObject();
        });
    }

    /** The bar before a range, from which its first gap is filled. */
    private Optional<Bar> before(String symbol, Interval interval, long start, boolean bounded) {
        if (!bounded) {
            return Optional.empty();
        }
        List<Bar> found = store.bars(new BarRange(symbol, interval, 0, start, 1, true));
        return found.isEmpty() ? Optional.empty() : Optional.of(found.get(0));
    }

    private Range newestFiveMinutes(Query query, String symbol) {
        Trade last = store.lastTrade(symbol).orElseThrow(() -> unknown(symbol));
        long to = query.time("to").orElse(last.eventTimeNanos() + 1);
        long from = query.time("from").orElse(Math.max(0, to - FIVE_MINUTES_NANOS));
        checkRange(from, to);
        return new Range(from, to);
    }

    private void checkKnown(String symbol) {
        if (store.lastTrade(symbol).isEmpty() && !store.symbols().contains(symbol)) {
            throw unknown(symbol);
        }
    }

    private static ProblemException unknown(String symbol) {
        return ProblemException.notFound("symbol was '" + symbol + "' but no such symbol is known: see /symbols");
    }

    private static boolean fill(Query query) {
        String fill = query.text("fill").orElse("none");
        return switch (fill) {
            case "none" -> false;
            case "previous" -> true;
            default -> throw ProblemException.badRequest("fill was '" + fill + "' but it must be none or previous");
        };
    }

    private static Matcher cursor(String text) {
        Matcher place = CURSOR.matcher(text);
        if (place.matches()) {
            try {
                Long.parseLong(place.group(2));
                return place;
            } catch (NumberFormatException e) {
                throw badCursor(text);
            }
        }
        throw badCursor(text);
    }

    private static ProblemException badCursor(String text) {
        return ProblemException.badRequest("cursor was '" + text
                + "' but it must be the 'next' of an answer, with the same 'from' and 'to' as that request");
    }

    private static void checkRange(long from, long to) {
        if (to < from) {
            throw ProblemException.badRequest(
                    "range was [" + from + ", " + to + ") but 'to' must not be before 'from'");
        }
    }

    private static void number(JsonGenerator json, String name, double value) {
        if (Double.isNaN(value)) {
            json.writeNullProperty(name);
        } else {
            json.writeNumberProperty(name, value);
        }
    }

    private static <T> void array(JsonGenerator json, String name, Collection<? extends T> all, Consumer<T> write) {
        json.writeName(name);
        json.writeStartArray();
        all.forEach(write);
        json.writeEndArray();
    }

    private record Range(long from, long to) {}
}
