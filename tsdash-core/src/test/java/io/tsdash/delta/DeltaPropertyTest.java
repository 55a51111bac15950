package io.tsdash.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.InvalidInputException;
import io.tsdash.model.Trade;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class DeltaPropertyTest {
    private static final FieldKind[] KINDS = FieldKind.values();

    @Property(tries = 2000, shrinking = ShrinkingMode.OFF)
    void readersAtDifferentPlacesAllGetTheRecordBitForBit(@ForAll long seed) {
        Random random = new Random(seed);
        RecordSchema schema = schema(random);
        RecordBuffer record = new RecordBuffer(schema);
        long[] changedAt = new long[schema.size()];
        RecordHistory history = new RecordHistory(schema);
        List<Reader> readers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            readers.add(new Reader(schema));
        }
        long sequence = 0;
        long lastChange = 0;
        for (int step = 0; step < 60; step++) {
            for (int field = 0; field < schema.size(); field++) {
                if (random.nextInt(3) == 0) {
                    change(random, record, field);
                }
            }
            long changed = record.takeChanged();
            if (changed != 0) {
                sequence++;
                lastChange = sequence;
                history.changed(sequence);
                for (int field = 0; field < schema.size(); field++) {
                    if ((changed & 1L << field) != 0) {
                        changedAt[field] = sequence;
                    }
                }
            }
            for (Reader reader : readers) {
                if (random.nextInt(3) == 0 && reader.sequence < lastChange) {
                    reader.take(record, mask(changedAt, reader.sequence), history, lastChange, sequence);
                    reader.check(record);
                }
            }
        }
    }

    @Property(tries = 5000)
    void anyDoubleComesBackBitForBit(@ForAll long bits) {
        double value = Double.longBitsToDouble(bits);
        if (!Double.isNaN(value)) {
            assertThat(Double.doubleToRawLongBits(roundTrip(value))).isEqualTo(bits);
        }
    }

    @Property(tries = 5000)
    void pricesTakeFewBytesAndComeBackBitForBit(
            @ForAll @DoubleRange(min = 0, max = 1e6) double any, @ForAll @IntRange(max = 8) int digits) {
        double value = Double.parseDouble(java.math.BigDecimal.valueOf(any)
                .setScale(digits, java.math.RoundingMode.HALF_UP)
                .toString());
        assertThat(roundTrip(value)).isEqualTo(value);
        assertThat(encoded(value).length).isLessThanOrEqualTo(1 + 1 + 8);
    }

    @Property(tries = 3000, shrinking = ShrinkingMode.OFF)
    void bytesThatAreNoBodyGiveAClearErrorOrARecord(@ForAll long seed) {
        Random random = new Random(seed);
        RecordSchema schema = schema(random);
        RecordBuffer record = new RecordBuffer(schema);
        for (int field = 0; field < schema.size(); field++) {
            change(random, record, field);
        }
        ByteWriter out = new ByteWriter(16);
        new DeltaEncoder(out).write(record, schema.allFields(), null);
        byte[] bytes = out.toByteArray();
        for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        byte[] cut = java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
        try {
            new DeltaDecoder(new ByteReader(cut)).read(new RecordBuffer(schema));
        } catch (InvalidInputException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    @Test
    void tickOfOnePointTakesOneByte() {
        RecordSchema schema = RecordSchema.of(Field.of("bid", FieldKind.DOUBLE));
        RecordBuffer record = new RecordBuffer(schema);
        record.setDouble(0, 1.39123);
        RecordHistory history = new RecordHistory(schema);
        history.keep(record, 1);
        history.changed(2);
        record.setDouble(0, 1.39124);
        ByteWriter out = new ByteWriter(16);

        new DeltaEncoder(out).write(record, 1, history.at(1));

        assertThat(out.size()).as("mask and value").isEqualTo(2);
    }

    @Test
    void differenceWithoutAValueIsRefused() {
        RecordSchema schema = RecordSchema.of(Field.of("bid", FieldKind.DOUBLE));
        byte[] difference = {2, 4};

        assertThatThrownBy(() -> new DeltaDecoder(new ByteReader(difference)).read(new RecordBuffer(schema)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("bid");
    }

    @Test
    void countBeyondTheBytesThatAreLeftIsRefusedBeforeAnythingIsMade() {
        ByteWriter out = new ByteWriter(16);
        out.writeVarint(1L << 40);

        assertThatThrownBy(() -> new ByteReader(out.toByteArray()).readCount(1))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("bytes are left");
    }

    private static double roundTrip(double value) {
        RecordBuffer read = new RecordBuffer(RecordSchema.of(Field.of("x", FieldKind.DOUBLE)));
        new DeltaDecoder(new ByteReader(encoded(value))).read(read);
        return read.getDouble(0);
    }

    private static byte[] encoded(double value) {
        RecordBuffer record = new RecordBuffer(RecordSchema.of(Field.of("x", FieldKind.DOUBLE)));
        record.setDouble(0, value);
        ByteWriter out = new ByteWriter(16);
        new DeltaEncoder(out).write(record, 1, null);
        return out.toByteArray();
    }

    private static RecordSchema schema(Random random) {
        Field[] fields = new Field[1 + random.nextInt(RecordSchema.FIELDS_MAX)];
        for (int i = 0; i < fields.length; i++) {
            FieldKind kind = KINDS[random.nextInt(KINDS.length)];
            List<String> values = kind == FieldKind.TEXT ? List.of("BUY", "SELL") : List.of();
            fields[i] = new Field("f" + i, kind, values);
        }
        return RecordSchema.of(fields);
    }

    private static long mask(long[] changedAt, long after) {
        long mask = 0;
        for (int field = 0; field < changedAt.length; field++) {
            if (changedAt[field] > after) {
                mask |= 1L << field;
            }
        }
        return mask;
    }

    private static void change(Random random, RecordBuffer record, int field) {
        if (random.nextInt(8) == 0) {
            record.clear(field);
            return;
        }
        switch (record.schema().kind(field)) {
            case DOUBLE -> record.setDouble(field, number(random));
            case LONG -> record.setLong(field, random.nextInt(4) == 0 ? 1L << 52 : random.nextInt(100));
            case TIME -> record.setLong(field, time(random));
            case ID -> record.setLong(field, random.nextInt(3) == 0 ? random.nextLong() : random.nextInt(1000));
            case VERSION -> record.setLong(field, random.nextInt(3) == 0 ? Trade.CANCELLED : random.nextInt(5));
            case BOOLEAN -> record.setBoolean(field, random.nextBoolean());
            case TEXT ->
                record.setText(field, List.of("BUY", "SELL", "", "é€𝄞").get(random.nextInt(4)));
            case TEXTS -> record.setTexts(field, List.of("a", "", "ü").subList(0, random.nextInt(4)));
        }
    }

    private static double number(Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> random.nextGaussian() * 1e6;
            case 1 -> -0.0;
            case 2 -> Double.MIN_VALUE;
            case 3 -> 1e300;
            case 4 -> random.nextInt(1_000_000) / 1e8;
            default -> (60_000_00 + random.nextInt(200)) / 100.0;
        };
    }

    private static long time(Random random) {
        long base = 1_723_161_254_000_000_000L + random.nextInt(100) * 1_000_000L;
        return switch (random.nextInt(4)) {
            case 0 -> base + random.nextInt(1_000_000);
            case 1 -> Long.MIN_VALUE;
            default -> base;
        };
    }

    /** Who has read up to a place. */
    private static final class Reader {
        final RecordBuffer copy;
        long sequence;

        Reader(RecordSchema schema) {
            copy = new RecordBuffer(schema);
        }

        void take(RecordBuffer record, long fields, RecordHistory history, long changedAt, long now) {
            ByteWriter out = new ByteWriter(16);
            new DeltaEncoder(out).write(record, fields, history.at(sequence));
            history.keep(record, changedAt);
            ByteReader in = new ByteReader(out.toByteArray());
            new DeltaDecoder(in).read(copy);
            assertThat(in.hasMore()).isFalse();
            sequence = now;
        }

        void check(RecordBuffer record) {
            assertThat(copy.differences(record)).as("fields that differ").isZero();
        }
    }
}
