package io.tsdash.influx;

import java.util.Locale;

/**
 * The form of a symbol as a tag value.
 *
 * <p>Ordinary symbols stay as they are. A backslash, which line protocol cannot carry before a separator, and half of a
 * surrogate pair, which UTF-8 cannot, become {@code %5C} and {@code %uD83D}; so does {@code %} itself, as {@code %25}.
 */
final class SymbolTag {
    private static final int HEX = 16;

    private SymbolTag() {}

    static String encode(String symbol) {
        StringBuilder tag = new StringBuilder(symbol.length());
        for (int i = 0; i < symbol.length(); i++) {
            char c = symbol.charAt(i);
            if (c == '%') {
                tag.append("%25");
            } else if (c == '\\') {
                tag.append("%5C");
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < symbol.length()
                    && Character.isLowSurrogate(symbol.charAt(i + 1))) {
                tag.append(c).append(symbol.charAt(++i));
            } else if (Character.isSurrogate(c)) {
                tag.append("%u").append(Integer.toHexString(c).toUpperCase(Locale.ROOT));
            } else {
                tag.append(c);
            }
        }
        return tag.toString();
    }

    static String decode(String tag) {
        if (tag.indexOf('%') < 0) {
            return tag;
        }
        StringBuilder symbol = new StringBuilder(tag.length());
        for (int i = 0; i < tag.length(); i++) {
            if (tag.startsWith("%u", i)) {
                symbol.append((char) Integer.parseInt(tag, i + 2, i + 6, HEX));
                i += 5;
            } else if (tag.charAt(i) == '%') {
                symbol.append((char) Integer.parseInt(tag, i + 1, i + 3, HEX));
                i += 2;
            } else {
                symbol.append(tag.charAt(i));
            }
        }
        return symbol.toString();
    }

    /** Returns a tag value as a string of a query. */
    static String quoted(String tag) {
        return "'" + tag.replace("'", "\\'") + "'";
    }
}
