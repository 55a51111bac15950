package io.tsdash.clickhouse;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The age at which the server drops rows of a table.
 *
 * @param column the time that age goes by
 * @param age zero for never
 */
record Ttl(String column, Duration age) {
    private static final Pattern IN_ENGINE = Pattern.compile(" TTL (.*?)(?: SETTINGS .*)?$");
    private static final Pattern OURS = Pattern.compile("toDateTime\\((\\w+)\\) \\+ toIntervalSecond\\((\\d+)\\)");

    /** Returns it as it stands behind {@code TTL}, letter for letter as the server tells it; empty for never. */
    String sql() {
        return age.isZero() ? "" : "toDateTime(" + column + ") + toIntervalSecond(" + age.toSeconds() + ")";
    }

    /** Returns what stands behind {@code TTL} in the column engine_full of system.tables; empty if nothing does. */
    static String textIn(String engine) {
        Matcher ttl = IN_ENGINE.matcher(engine);
        return ttl.find() ? ttl.group(1) : "";
    }

    /** Returns whether a text is one that tsdash sets on this column, of whatever age. */
    boolean isLike(String text) {
        Matcher ours = OURS.matcher(text);
        return text.isEmpty() || (ours.matches() && ours.group(1).equals(column));
    }

    /** Returns the age of a text that {@link #isLike} this; zero for never. */
    static Duration ageOf(String text) {
        Matcher ours = OURS.matcher(text);
        return ours.matches() ? Duration.ofSeconds(Long.parseLong(ours.group(2))) : Duration.ZERO;
    }
}
