package io.tsdash.model;

/** How final a bar is. */
public enum BarState {
    /** Its window still runs. */
    OPEN(0),
    /** The clock has passed the end of its window. */
    CLOSED(1),
    /** Sent again after it was closed, because a trade came late, was cancelled or corrected. */
    REVISED(2);

    private final int code;

    BarState(int code) {
        this.code = code;
    }

    /** Returns the number that stands for it where it is kept: 0 open, 1 closed, 2 revised. Never changes. */
    public int code() {
        return code;
    }

    /** Returns the state of a number. */
    public static BarState ofCode(int code) {
        return switch (code) {
            case 0 -> OPEN;
            case 1 -> CLOSED;
            default -> REVISED;
        };
    }
}
