package io.tsdash.examples.feeds;

import io.tsdash.spi.ProviderOptions;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Bitstamp, under the name {@code bitstamp}.
 *
 * <p>Trade ids are those of all markets together, so one that is missing can't be seen; after a reconnect the trades of the
 * last minute, hour or day are asked for, whose times are whole seconds. Quotes come with the hundred best levels, each
 * time all of them.
 */
public final class BitstampFeed extends ExchangeProvider {
    static final String TRADES = "live_trades_";
    static final String BOOK = "order_book_";

    /** Called by the service loader. */
    public BitstampFeed() {
        super(
                "bitstamp",
                "bitstamp:btcusd,ethusd is Bitstamp; options: ",
                "wss://ws.bitstamp.net",
                "https://www.bitstamp.net");
    }

    @Override
    Exchange exchange(ProviderOptions options) {
        return new Bitstamp();
    }

    @Override
    String symbolRule() {
        return "[A-Z0-9-]+";
    }

    /** What sets Bitstamp apart. */
    private static final class Bitstamp extends Exchange {
        private static final long MINUTE_SECONDS = 60;
        private static final long HOUR_SECONDS = 3_600;
        private static final long SLACK_SECONDS = 10; // for clocks that differ and for the way

        @Override
        List<String> subscribe(List<String> symbols) {
            List<String> commands = new ArrayList<>();
            for (String symbol : symbols) {
                commands.add(command("bts:subscribe", TRADES, symbol));
                commands.add(command("bts:subscribe", BOOK, symbol));
            }
            return commands;
        }

        @Override
        List<String> resubscribe(String symbol) {
            List<String> commands = new ArrayList<>();
            commands.add(command("bts:unsubscribe", TRADES, symbol));
            commands.add(command("bts:unsubscribe", BOOK, symbol));
            commands.addAll(subscribe(List.of(symbol)));
            return commands;
        }

        @Override
        List<VenueMessage> parse(String frame) {
            return BitstampMessages.parse(frame);
        }

        @Override
        TradeIds tradeIds() {
            return TradeIds.UNIQUE;
        }

        @Override
        BookRule bookRule() {
            return BookRule.NONE;
        }

        @Override
        boolean beats() {
            return true;
        }

        @Override
        Optional<String> ping() {
            return Optional.of(Frames.json(json -> json.writeStringProperty("event", "bts:heartbeat")));
        }

        @Override
        Optional<URI> tradesAt(URI rest, Missing missing) {
            String market = missing.symbol().toLowerCase(Locale.ROOT);
            long seconds = TimeUnit.NANOSECONDS.toSeconds(missing.nowNanos() - missing.sinceNanos()) + SLACK_SECONDS;
            String span = seconds < MINUTE_SECONDS ? "minute" : seconds < HOUR_SECONDS ? "hour" : "day";
            return Optional.of(URI.create(rest + "/api/v2/transactions/" + market + "/?time=" + span));
        }

        @Override
        int tradesPage() {
            return Integer.MAX_VALUE; // the answer is all there is
        }

        @Override
        String beyondReach(long sinceNanos, long nowNanos) {
            return nowNanos - sinceNanos > TimeUnit.DAYS.toNanos(1) ? "REST reaches back a day" : "";
        }

        @Override
        List<VenueMessage.Traded> parseTrades(String symbol, String body) {
            return BitstampMessages.parseTrades(symbol, body);
        }

        private static String command(String event, String channel, String symbol) {
            return Frames.json(json -> {
                json.writeStringProperty("event", event);
                json.writeName("data");
                json.writeStartObject();
                json.writeStringProperty("channel", channel + symbol.toLowerCase(Locale.ROOT));
                json.writeEndObject();
            });
        }
    }
}
