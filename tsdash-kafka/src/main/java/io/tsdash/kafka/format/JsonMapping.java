package io.tsdash.kafka.format;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.InvalidInputException;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Quote;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads the plain JSON that a team already has in its topics, by a mapping of its fields:
 *
 * <pre>{@code symbol=s,time=T,timeUnit=ms,sequence=t,price=p,volume=q,side=m?SELL:BUY}</pre>
 *
 * <p>Left of each {@code =} stands what a trade needs; right of it where it lies: a name, a path ({@code data.px},
 * {@code row[2]}), or a constant ({@code 'BTC-USD'}). Numbers may be JSON numbers or texts, and are read as the decimals
 * that they are. {@code type=quote} maps {@code bid}, {@code ask}, {@code bidSize}, {@code askSize} instead of price and
 * volume. {@code timeUnit} is s, ms, us, ns or iso; {@code receiveTime}, in the same unit, may be left out and is then
 * the event time. {@code side} reads buy, sell, b, s, bid, ask in any case, or, with {@code ?}, what stands for true and
 * for false. The sequence must tell trades of one symbol and time apart; it is a number. A record holds one event.
 *
 * <p>The whole mapping is checked at once. Thread-safe.
 */
public final class JsonMapping implements RecordReader<MarketEvent> {
    private static final JsonFactory FACTORY = new JsonFactory();

    private final JsonTree tree;
    private final Map<JsonTarget, String> constants;
    private final JsonTimeUnit timeUnit;
    private final boolean quotes;
    private final @Nullable Side sideIfTrue;
    private final @Nullable Side sideIfFalse;

    JsonMapping(
            JsonTree tree,
            Map<JsonTarget, String> constants,
            JsonTimeUnit timeUnit,
            boolean quotes,
            @Nullable Side sideIfTrue,
            @Nullable Side sideIfFalse) {
        this.tree = tree;
        this.constants = constants;
        this.timeUnit = timeUnit;
        this.quotes = quotes;
        this.sideIfTrue = sideIfTrue;
        this.sideIfFalse = sideIfFalse;
    }

    /**
     * Reads a mapping.
     *
     * @throws ConfigurationException with everything that is wrong with it
     */
    public static JsonMapping parse(String mapping) {
        return new JsonMappingParser(mapping).parse();
    }

    @Override
    public MarketEvent read(byte[] bytes) {
        EnumMap<JsonTarget, String> values = new EnumMap<>(JsonTarget.class);
        values.putAll(constants);
        try (JsonParser in = FACTORY.createParser(ObjectReadContext.empty(), bytes)) {
            JsonToken token = in.nextToken();
            if (token != JsonToken.START_OBJECT && token != JsonToken.START_ARRAY) {
                throw new InvalidInputException("record of " + bytes.length + " bytes was no JSON object or array");
            }
            tree.read(in, values);
            if (in.nextToken() != null) {
                throw new InvalidInputException("more followed at byte "
                        + in.currentTokenLocation().getByteOffset() + " but nothing may follow the record");
            }
        } catch (JacksonException e) {
            throw new InvalidInputException(
                    "record of " + bytes.length + " bytes was no JSON: " + e.getOriginalMessage());
        }
        return quotes ? quote(values) : trade(values);
    }

    private Trade trade(Map<JsonTarget, String> values) {
        long time = time(values, JsonTarget.TIME);
        return new Trade(
                symbol(values),
                time,
                receiveTime(values, time),
                sequence(values),
                number(JsonTarget.PRICE, required(values, JsonTarget.PRICE)),
                number(JsonTarget.VOLUME, required(values, JsonTarget.VOLUME)),
                side(values.get(JsonTarget.SIDE)),
                true,
                true,
                0);
    }

    private Quote quote(Map<JsonTarget, String> values) {
        long time = time(values, JsonTarget.TIME);
        return new Quote(
                symbol(values),
                time,
                receiveTime(values, time),
                sequence(values),
                optional(values, JsonTarget.BID),
                optional(values, JsonTarget.ASK),
                optional(values, JsonTarget.BID_SIZE),
                optional(values, JsonTarget.ASK_SIZE));
    }

    private static String symbol(Map<JsonTarget, String> values) {
        String symbol = required(values, JsonTarget.SYMBOL);
        for (int i = 0; i < symbol.length(); i += Character.charCount(symbol.codePointAt(i))) {
            int point = symbol.codePointAt(i);
            if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                throw new InvalidInputException("symbol held half of a character but it must be a text of whole ones");
            }
        }
        return symbol;
    }

    private long time(Map<JsonTarget, String> values, JsonTarget target) {
        return timeUnit.nanos(target.text(), required(values, target));
    }

    private long receiveTime(Map<JsonTarget, String> values, long eventTime) {
        return values.containsKey(JsonTarget.RECEIVE_TIME) ? time(values, JsonTarget.RECEIVE_TIME) : eventTime;
    }

    private static long sequence(Map<JsonTarget, String> values) {
        String text = required(values, JsonTarget.SEQUENCE);
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw InvalidInputException.of("sequence", shortened(text), "must be a whole number of 64 bits");
        }
    }

    private static double optional(Map<JsonTarget, String> values, JsonTarget target) {
        String text = values.get(target);
        return text == null ? Double.NaN : number(target, text);
    }

    private static double number(JsonTarget target, String text) {
        for (int i = 0; i < text.length(); i++) {
            // Keeps out what Double.parseDouble takes beside decimals: blanks, NaN, 1d, 0x1p3.
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && "+-.eE".indexOf(c) < 0) {
                throw InvalidInputException.of(target.text(), shortened(text), "must be a decimal number");
            }
        }
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw InvalidInputException.of(target.text(), shortened(text), "must be a decimal number");
        }
    }

    private Side side(@Nullable String text) {
        if (text == null) {
            return Side.UNKNOWN;
        }
        if (sideIfTrue != null && sideIfFalse != null) {
            return switch (text) {
                case "true", "1" -> sideIfTrue;
                case "false", "0" -> sideIfFalse;
                default -> throw InvalidInputException.of("side", shortened(text), "must be true or false");
            };
        }
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "buy", "b", "bid" -> Side.BUY;
            case "sell", "s", "ask" -> Side.SELL;
            case "", "unknown", "none" -> Side.UNKNOWN;
            default -> throw InvalidInputException.of("side", shortened(text), "must be buy or sell");
        };
    }

    private static String required(Map<JsonTarget, String> values, JsonTarget target) {
        String text = values.get(target);
        if (text == null) {
            throw new InvalidInputException(target.text() + " was missing but the mapping says where it must be");
        }
        return text;
    }

    private static String shortened(String text) {
        return text.length() <= 64 ? text : text.substring(0, 64) + "…";
    }
}
