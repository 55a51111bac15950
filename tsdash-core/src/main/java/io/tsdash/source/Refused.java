package io.tsdash.source;

/**
 * Input that was left out because it breaks a rule.
 *
 * @param position where: the line number of a tape (the header is line 1), or the number of a message
 * @param text the input itself, shortened
 * @param reason the rule that it breaks
 */
public record Refused(long position, String text, String reason) implements TapeRow {
    private static final int TEXT_LENGTH_MAX = 200;

    /** Shortens the text. */
    public Refused {
        if (text.length() > TEXT_LENGTH_MAX) {
            text = text.substring(0, TEXT_LENGTH_MAX) + "…";
        }
    }
}
