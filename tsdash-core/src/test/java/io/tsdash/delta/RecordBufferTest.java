package io.tsdash.delta;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RecordBufferTest {
    private static final RecordSchema SCHEMA = RecordSchema.of(
            Field.of("price", FieldKind.DOUBLE),
            Field.of("count", FieldKind.LONG),
            Field.of("name", FieldKind.TEXT),
            Field.of("live", FieldKind.BOOLEAN),
            Field.of("symbols", FieldKind.TEXTS));

    private final RecordBuffer row = new RecordBuffer(SCHEMA);

    @Test
    void remembersWhatChangedSinceAsked() {
        row.setDouble(0, 1.5);
        row.setText(2, "a");
        assertThat(row.takeChanged()).isEqualTo(0b101);
        assertThat(row.takeChanged()).isZero();
        row.setLong(1, 0);
        assertThat(row.takeChanged()).as("a first value that is zero").isEqualTo(0b10);
    }

    @Test
    void sameValueIsNoChange() {
        row.setDouble(0, 1.5);
        row.setText(2, "a");
        row.setBoolean(3, false);
        row.setTexts(4, List.of("x"));
        row.takeChanged();
        row.setDouble(0, 1.5);
        row.setText(2, "a");
        row.setBoolean(3, false);
        row.setTexts(4, List.of("x"));
        assertThat(row.takeChanged()).isZero();
    }

    @Test
    void zeroAndMinusZeroDiffer() {
        row.setDouble(0, 0.0);
        row.takeChanged();
        row.setDouble(0, -0.0);
        assertThat(row.takeChanged()).isEqualTo(1);
    }

    @Test
    void nanClearsAndClearingTwiceIsOneChange() {
        row.setDouble(0, 1);
        row.takeChanged();
        row.setDouble(0, Double.NaN);
        assertThat(row.isPresent(0)).isFalse();
        assertThat(row.takeChanged()).isEqualTo(1);
        row.clear(0);
        assertThat(row.takeChanged()).isZero();
    }

    @Test
    void resetForgetsEverything() {
        row.setText(2, "a");
        row.reset();
        assertThat(row.present()).isZero();
        assertThat(row.takeChanged()).isZero();
        assertThat(row.getText(2)).isEmpty();
    }
}
