package io.tsdash.delta;

import io.tsdash.model.Trade;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One record that changes in place and remembers which of its fields did.
 *
 * <p>Numbers lie in primitive slots and presence in a mask, so that an update allocates nothing. Setting a field to
 * the value it has is no change. Single-threaded.
 */
public final class RecordBuffer {
    private final RecordSchema schema;
    private final long[] numbers;
    private final @Nullable Object[] objects;
    private long present;
    private long changed;

    /** @param schema the fields; all are absent at first */
    public RecordBuffer(RecordSchema schema) {
        this.schema = schema;
        this.numbers = new long[schema.size()];
        this.objects = new Object[schema.size()];
    }

    /** Returns the fields. */
    public RecordSchema schema() {
        return schema;
    }

    /** Sets a DOUBLE; NaN clears it. */
    public void setDouble(int field, double value) {
        if (Double.isNaN(value)) {
            clear(field);
        } else {
            setBits(field, Double.doubleToRawLongBits(value));
        }
    }

    /** Sets a LONG, TIME, ID or VERSION. */
    public void setLong(int field, long value) {
        setBits(field, value);
    }

    /** Sets a BOOLEAN. */
    public void setBoolean(int field, boolean value) {
        setBits(field, value ? 1 : 0);
    }

    /** Sets a TEXT. */
    public void setText(int field, String value) {
        setObject(field, value);
    }

    /** Sets a TEXTS. */
    public void setTexts(int field, List<String> values) {
        setObject(field, List.copyOf(values));
    }

    /** Makes a field absent. */
    public void clear(int field) {
        long bit = 1L << field;
        if ((present & bit) != 0) {
            present &= ~bit;
            changed |= bit;
            objects[field] = null;
        }
    }

    /** Makes all fields absent and forgets what changed, for use as another record. */
    public void reset() {
        for (long rest = present; rest != 0; rest &= rest - 1) {
            objects[Long.numberOfTrailingZeros(rest)] = null;
        }
        present = 0;
        changed = 0;
    }

    /** Returns whether a field has a value. */
    public boolean isPresent(int field) {
        return (present & (1L << field)) != 0;
    }

    /** Returns the mask of the fields that have a value. */
    public long present() {
        return present;
    }

    /** Returns the mask of the fields that changed since this was last asked, and starts anew. */
    public long takeChanged() {
        long taken = changed;
        changed = 0;
        return taken;
    }

    /** Returns a DOUBLE that is present. */
    public double getDouble(int field) {
        return Double.longBitsToDouble(numbers[field]);
    }

    /** Returns a LONG, TIME, ID or VERSION that is present. */
    public long getLong(int field) {
        return numbers[field];
    }

    /** Returns a BOOLEAN that is present. */
    public boolean getBoolean(int field) {
        return numbers[field] != 0;
    }

    /** Returns a TEXT; empty when absent. */
    public String getText(int field) {
        return objects[field] instanceof String text ? text : "";
    }

    /** Returns a TEXTS; empty when absent. */
    public List<String> getTexts(int field) {
        return objects[field] instanceof List<?> texts
                ? texts.stream().map(String.class::cast).toList()
                : List.of();
    }

    /**
     * Returns a value that is present in the form that clients see: {@link Double}, {@link Long}, {@link Boolean},
     * {@link String} (a time or id in digits) or a list of texts.
     */
    public Object value(int field) {
        return switch (schema.kind(field)) {
            case DOUBLE -> getDouble(field);
            case LONG -> getLong(field);
            case TIME, ID -> Long.toString(getLong(field));
            case VERSION -> getLong(field) == Trade.CANCELLED ? "CANCELLED" : (Object) getLong(field);
            case BOOLEAN -> getBoolean(field);
            case TEXT -> getText(field);
            case TEXTS -> getTexts(field);
        };
    }

    private void setBits(int field, long bits) {
        long bit = 1L << field;
        if ((present & bit) == 0 || numbers[field] != bits) {
            numbers[field] = bits;
            present |= bit;
            changed |= bit;
        }
    }

    private void setObject(int field, Object value) {
        long bit = 1L << field;
        if ((present & bit) == 0 || !value.equals(objects[field])) {
            objects[field] = value;
            present |= bit;
            changed |= bit;
        }
    }
}
