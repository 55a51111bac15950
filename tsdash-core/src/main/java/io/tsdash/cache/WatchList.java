package io.tsdash.cache;

import java.util.List;

/**
 * Symbols that a user watches together.
 *
 * @param name what the user calls them
 * @param symbols in the user's order
 */
public record WatchList(String name, List<String> symbols) {

    /** Copies the list. */
    public WatchList {
        symbols = List.copyOf(symbols);
    }
}
