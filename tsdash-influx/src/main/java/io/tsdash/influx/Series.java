package io.tsdash.influx;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Rows of an answer: values by column, whole numbers as {@code Long}, others as {@code Double}, text as {@code String}.
 *
 * @param name the measurement
 * @param tags what it was grouped by
 * @param columns their names
 * @param rows in the order of the answer
 */
record Series(String name, Map<String, String> tags, List<String> columns, List<@Nullable Object[]> rows) {

    /** Returns a whole number. */
    static long whole(@Nullable Object[] row, int column) {
        return ((Number) Objects.requireNonNull(row[column])).longValue();
    }

    /** Returns a number. */
    static double number(@Nullable Object[] row, int column) {
        return ((Number) Objects.requireNonNull(row[column])).doubleValue();
    }

    /** Returns a text. */
    static String text(@Nullable Object[] row, int column) {
        return (String) Objects.requireNonNull(row[column]);
    }

    /** Returns whether each column has a value: a row that is being written may lack some for a moment. */
    static boolean isWhole(@Nullable Object[] row) {
        for (Object value : row) {
            if (value == null) {
                return false;
            }
        }
        return true;
    }
}
