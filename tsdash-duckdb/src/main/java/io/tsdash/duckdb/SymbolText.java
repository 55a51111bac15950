package io.tsdash.duckdb;

import io.tsdash.error.InvalidInputException;
import java.nio.charset.StandardCharsets;

/** Symbols as the database holds them: in UTF-8. */
final class SymbolText {
    private SymbolText() {}

    /** @throws InvalidInputException if it holds half of a surrogate pair: as a question mark it would be another symbol */
    static void check(String symbol) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(symbol)) {
            throw InvalidInputException.of("symbol", symbol, "must be text that UTF-8 can hold");
        }
    }
}
