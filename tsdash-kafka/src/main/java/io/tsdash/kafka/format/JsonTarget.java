package io.tsdash.kafka.format;

import java.util.Locale;

/** What of an event a {@link JsonMapping} can fill. */
enum JsonTarget {
    SYMBOL,
    TIME,
    RECEIVE_TIME,
    SEQUENCE,
    PRICE,
    VOLUME,
    SIDE,
    BID,
    ASK,
    BID_SIZE,
    ASK_SIZE;

    /** The name in a mapping: {@code receiveTime}. */
    String text() {
        String[] words = name().toLowerCase(Locale.ROOT).split("_", -1);
        StringBuilder text = new StringBuilder(words[0]);
        for (int i = 1; i < words.length; i++) {
            text.append(Character.toUpperCase(words[i].charAt(0))).append(words[i], 1, words[i].length());
        }
        return text.toString();
    }
}
