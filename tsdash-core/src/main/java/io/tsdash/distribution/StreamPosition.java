package io.tsdash.distribution;

import io.tsdash.error.InvalidInputException;

/**
 * A place in the history of all channels together.
 *
 * @param epoch the life of the numbering
 * @param changes how many changes lie before it
 */
record StreamPosition(String epoch, long changes) {
    private static final int TEXT_MAX = 64;

    String text() {
        return epoch + '-' + changes;
    }

    static StreamPosition parse(String text) {
        int dash = text.indexOf('-');
        try {
            if (dash > 0 && text.length() <= TEXT_MAX) {
                long changes = Long.parseLong(text.substring(dash + 1));
                if (changes >= 0) {
                    return new StreamPosition(text.substring(0, dash), changes);
                }
            }
        } catch (NumberFormatException e) {
            // Not a position either way: the same message serves.
        }
        String shown = text.length() > TEXT_MAX ? text.substring(0, TEXT_MAX) : text;
        throw InvalidInputException.of("stream position", shown, "must be one that this server gave, like k3f-1204");
    }
}
