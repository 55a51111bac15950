package io.tsdash.distribution;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** Knows the names of the market's channels. On the hub's thread. */
final class MarketCatalog implements ChannelCatalog {
    private static final Set<String> WITH_SYMBOL = Set.of("prices", "bars", "trades");
    private static final Set<String> SINGLE = Set.of("status", "news", "alerts", "node");

    private final Hub hub;
    private final Set<String> intervals;

    /**
     * @param hub a symbol is known when its trades have a channel there
     * @param intervals of the bars that there can be
     */
    MarketCatalog(Hub hub, Collection<String> intervals) {
        this.hub = hub;
        this.intervals = new LinkedHashSet<>(intervals);
    }

    @Override
    public Optional<String> problem(String name) {
        boolean pattern = name.endsWith("*");
        int colon = name.indexOf(':');
        String kind = colon < 0 ? name : name.substring(0, colon);
        if (SINGLE.contains(kind)) {
            return colon < 0 ? Optional.empty() : Optional.of(kind + " is a channel by itself, without ':'");
        }
        if (!WITH_SYMBOL.contains(kind) || colon < 0) {
            return Optional.of("there is no such kind of channel");
        }
        String rest = name.substring(colon + 1);
        if (kind.equals("bars") && !rest.equals("*")) {
            int second = rest.indexOf(':');
            if (second >= 0 && !intervals.contains(rest.substring(0, second))) {
                return Optional.of("its interval must be one of " + String.join(", ", intervals));
            }
            if (second < 0 && !pattern) {
                return Optional.of("a bars channel is bars:INTERVAL:SYMBOL");
            }
            rest = rest.substring(second + 1);
        }
        if (pattern || hub.channels().find("trades:" + rest).isPresent()) {
            return Optional.empty();
        }
        return Optional.of("no symbol '" + rest + "' is known; " + kind + ":* waits for any");
    }
}
