package io.tsdash.cache;

import io.tsdash.error.InvalidInputException;

/**
 * What a user holds of a symbol.
 *
 * @param symbol the symbol
 * @param quantity how much; negative when it was sold short; finite
 * @param averagePrice what was paid for one on average; finite
 */
public record Position(String symbol, double quantity, double averagePrice) {

    /** @throws InvalidInputException if a number is not finite */
    public Position {
        if (!Double.isFinite(quantity)) {
            throw InvalidInputException.of("position.quantity", quantity, "must be finite");
        }
        if (!Double.isFinite(averagePrice)) {
            throw InvalidInputException.of("position.averagePrice", averagePrice, "must be finite");
        }
    }
}
