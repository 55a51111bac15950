package io.tsdash.model;

/** Who crossed the spread: the aggressor's side of a trade. */
public enum Side {
    /** The buyer took the offer. */
    BUY(1),
    /** The seller hit the bid. */
    SELL(2),
    /** The venue does not say. */
    UNKNOWN(0);

    private final int code;

    Side(int code) {
        this.code = code;
    }

    /** Returns the number that stands for it where it is kept: 0 unknown, 1 buy, 2 sell. Never changes. */
    public int code() {
        return code;
    }

    /** Returns the side of a number; one that stands for none is unknown. */
    public static Side ofCode(int code) {
        return switch (code) {
            case 1 -> BUY;
            case 2 -> SELL;
            default -> UNKNOWN;
        };
    }
}
