package io.tsdash.examples.feeds;

import io.tsdash.source.Feed;
import io.tsdash.spi.FeedProvider;
import io.tsdash.spi.ProviderOptions;
import io.tsdash.time.TimeSource;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;

/** Makes the feeds of one exchange: reads symbols and options, and says what is wrong with them. */
abstract class ExchangeProvider implements FeedProvider {
    private static final int SYMBOLS_MAX = 500;

    private final String name;
    private final String description;
    private final String socket;
    private final String rest;

    ExchangeProvider(String name, String description, String socket, String rest) {
        this.name = name;
        this.description = description;
        this.socket = socket;
        this.rest = rest;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final String description() {
        return description + FeedSettings.HELP;
    }

    @Override
    public final Feed open(ProviderOptions options, TimeSource time) {
        List<String> symbols = symbols(options);
        Exchange exchange = exchange(options);
        FeedSettings settings = FeedSettings.read(options, symbols, socket, rest);
        options.check();
        return new ExchangeFeed(name, exchange, settings, time);
    }

    /** Returns the exchange, set up as the user wants it. */
    abstract Exchange exchange(ProviderOptions options);

    /** Returns what a symbol looks like in capitals, as events have it: a regular expression. */
    abstract String symbolRule();

    /** Returns which of some words was chosen; the first is the default. */
    static String choice(ProviderOptions options, String option, String... words) {
        String chosen = options.text(option, words[0]);
        if (!List.of(words).contains(chosen)) {
            options.problem(option + " was '" + chosen + "' but it must be one of " + String.join(", ", words));
            return words[0];
        }
        return chosen;
    }

    private List<String> symbols(ProviderOptions options) {
        List<String> symbols =
                List.copyOf(new LinkedHashSet<>(Arrays.stream(options.argument().split(",", -1))
                        .map(text -> text.strip().toUpperCase(Locale.ROOT))
                        .toList()));
        if (symbols.size() > SYMBOLS_MAX) {
            options.problem("feed has " + symbols.size() + " symbols but it must have at most " + SYMBOLS_MAX);
        }
        for (String symbol : symbols) {
            if (!symbol.matches(symbolRule())) {
                options.problem("symbol was '" + symbol + "' but it must be as in "
                        + description.substring(0, description.indexOf(';')));
            }
        }
        return symbols;
    }
}
