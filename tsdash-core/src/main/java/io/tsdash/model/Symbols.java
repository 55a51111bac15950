package io.tsdash.model;

import io.tsdash.error.InvalidInputException;

/** The rule for symbols: 1 to 64 characters, none of them a control character. */
final class Symbols {
    static final int LENGTH_MAX = 64;

    private Symbols() {}

    static void check(String symbol) {
        if (symbol.isEmpty() || symbol.length() > LENGTH_MAX) {
            throw InvalidInputException.of("symbol", symbol, "must have 1 to " + LENGTH_MAX + " characters");
        }
        for (int i = 0; i < symbol.length(); i++) {
            if (Character.isISOControl(symbol.charAt(i))) {
                throw InvalidInputException.of(
                        "symbol", symbol.replaceAll("\\p{Cntrl}", "?"), "must not hold control characters");
            }
        }
    }
}
