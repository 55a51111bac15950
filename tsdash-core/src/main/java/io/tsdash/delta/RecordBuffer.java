package io.tsdash.delta;

import io.tsdash.model.Trade;
import java.util.List;
import java.util.Objects;
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
    private final Mantissas mantissas;
    private long present;
    private long changed;

    /** @param schema the fields; all are absent at first */
    public RecordBuffer(RecordSchema schema) {
        this.schema = schema;
        this.numbers = new long[schema.size()];
        this.objects = new Object[schema.size()];
        this.mantissas = new Mantissas(schema.size());
    }

    /** Returns the fields. */
    public RecordSchema schema() {
        return schema;
    }

    /** Sets a DOUBLE; NaN clears it. */
    public void setDouble(int field, double value) {
        if (Double.isNaN(value)) {
            clear(field);
        } else if (setBits(field, Double.doubleToRawLongBits(value))) {
            mantissas.setDouble(field, value);
        }
    }

    /** Sets a LONG, TIME, ID or VERSION. */
    public void setLong(int field, long value) {
        if (setBits(field, value)) {
            if (schema.kind(field) == FieldKind.TIME) {
                mantissas.setTime(field, value);
            } else {
                mantissas.setWhole(field, value);
            }
        }
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
            mantissas.clear(field);
        }
    }

    /** Makes all fields absent and forgets what changed, for use as another record. */
    public void reset() {
        for (long rest = present; rest != 0; rest &= rest - 1) {
            objects[Long.numberOfTrailingZeros(rest)] = null;
        }
        present = 0;
        changed = 0;
        mantissas.clearAll();
    }

    /** Makes all fields absent; numbers will be written with the scales of a record that came before. */
    public void resetLike(RecordBuffer before) {
        reset();
        mantissas.beginLike(before.mantissas);
    }

    /** Takes over all values of a record with the same schema. */
    public void copy(RecordBuffer other) {
        System.arraycopy(other.numbers, 0, numbers, 0, numbers.length);
        System.arraycopy(other.objects, 0, objects, 0, objects.length);
        mantissas.copy(other.mantissas);
        changed |= present | other.present;
        present = other.present;
    }

    /** Returns the mask of the fields that differ from a record with the same schema. */
    public long differences(RecordBuffer other) {
        long mask = present ^ other.present;
        for (long rest = present & other.present; rest != 0; rest &= rest - 1) {
            int field = Long.numberOfTrailingZeros(rest);
            if (numbers[field] != other.numbers[field] || !Objects.equals(objects[field], other.objects[field])) {
                mask |= 1L << field;
            }
        }
        return mask;
    }

    /** Returns its numbers as mantissas. */
    public Mantissas mantissas() {
        return mantissas;
    }

    /** Sets a number that was read; false when its kind has no such mantissa and scale. */
    boolean setMantissa(int field, long mantissa, int scale) {
        boolean fits = mantissas.set(field, schema.kind(field), mantissa, scale);
        if (fits) {
            setBits(field, mantissas.bits(field, schema.kind(field)));
        }
        return fits;
    }

    /** Sets a DOUBLE that was read as its bits. */
    void setRaw(int field, double value) {
        setBits(field, Double.doubleToRawLongBits(value));
        mantissas.clear(field);
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

    private boolean setBits(int field, long bits) {
        long bit = 1L << field;
        if ((present & bit) != 0 && numbers[field] == bits) {
            return false;
        }
        numbers[field] = bits;
        present |= bit;
        changed |= bit;
        return true;
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
