package io.tsdash.transport;

import io.tsdash.distribution.Hub;
import io.tsdash.distribution.LatestPrices;
import io.tsdash.error.TsdashException;
import io.tsdash.model.PriceUpdate;
import io.tsdash.resilience.Answer;
import io.tsdash.resilience.FallbackChain;
import io.tsdash.trace.Span;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Finds the symbols that a user watches, and a last known price for those without a live one. Calls block; thread-safe.
 */
final class WatchListSubscription {
    private static final Logger LOG = LoggerFactory.getLogger(WatchListSubscription.class);
    static final String NAME = "watchlist";
    private static final Duration HUB_MAX = Duration.ofMillis(500);
    /** Each may take a tenth of a second while parts are away. */
    private static final int QUERIES_MAX = 50;

    private final UserData users;
    private final Hub hub;
    private final FallbackChain<String, PriceUpdate> latest;
    private final Consumer<PriceUpdate> shows;

    WatchListSubscription(
            UserData users, Hub hub, FallbackChain<String, PriceUpdate> latest, Consumer<PriceUpdate> shows) {
        this.users = users;
        this.hub = hub;
        this.latest = latest;
        this.shows = shows;
    }

    /**
     * What became of reading a watch-list.
     *
     * @param problem empty unless it could not be read now
     */
    record Loaded(List<String> symbols, String problem) {
        static Loaded failed(String problem) {
            return new Loaded(List.of(), problem);
        }
    }

    /** Reads the symbols of a user's watch-list: a JSON array of texts, or an object with one as {@code symbols}. */
    @SuppressWarnings("try") // the scope is there to be closed
    Loaded load(String user, SubscriptionTrace trace) {
        Span span = trace.loading();
        try (Span.Scope scope = span.enter()) {
            return new Loaded(
                    users.read(user, NAME).map(WatchListSubscription::parse).orElse(List.of()), "");
        } catch (RuntimeException e) {
            span.failed(String.valueOf(e.getMessage()));
            return Loaded.failed(String.valueOf(e.getMessage()));
        } finally {
            span.end(hub.clock().epochNanos());
        }
    }

    /** Has the last known prices shown of those symbols that have no live one. */
    void showMissing(List<String> symbols, SubscriptionTrace trace) throws InterruptedException {
        List<String> missing = LatestPrices.withoutLive(hub, HUB_MAX, symbols);
        for (String symbol : missing.subList(0, Math.min(QUERIES_MAX, missing.size()))) {
            try {
                query(symbol, trace).ifPresent(shows);
            } catch (TsdashException e) {
                LOG.debug("no price of '{}' to show: {}", symbol, e.getMessage());
            }
        }
    }

    @SuppressWarnings("try") // the scope is there to be closed
    private Optional<PriceUpdate> query(String symbol, SubscriptionTrace trace) {
        Span span = trace.querying(symbol);
        try (Span.Scope scope = span.enter()) {
            Optional<Answer<PriceUpdate>> answer = latest.get(symbol);
            answer.ifPresent(found -> span.tag("tsdash.source", found.source()));
            return answer.map(Answer::value);
        } catch (TsdashException e) {
            span.failed(String.valueOf(e.getMessage()));
            throw e;
        } finally {
            span.end(hub.clock().epochNanos());
        }
    }

    private static List<String> parse(String json) {
        List<String> symbols = new ArrayList<>();
        try (JsonParser parser = Json.parser(json.getBytes(StandardCharsets.UTF_8))) {
            boolean object = parser.nextToken() == JsonToken.START_OBJECT;
            boolean inList = !object;
            while (object && !inList && parser.nextToken() == JsonToken.PROPERTY_NAME) {
                boolean wanted = parser.currentName().equals("symbols");
                inList = parser.nextToken() == JsonToken.START_ARRAY && wanted;
                if (!inList) {
                    parser.skipChildren();
                }
            }
            while (inList && parser.nextToken() != JsonToken.END_ARRAY) {
                if (parser.currentToken() == JsonToken.VALUE_STRING) {
                    symbols.add(parser.getString());
                } else {
                    parser.skipChildren();
                }
            }
        } catch (JacksonException e) {
            LOG.debug("a watch-list is no JSON: {}", e.getMessage());
        }
        return symbols;
    }
}
