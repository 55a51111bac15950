package io.tsdash.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class DecimalsTest {

    @Property
    void valueAndRemainderTogetherAreTheDecimal(
            @ForAll @LongRange(min = -999_999_999_999_999L, max = 999_999_999_999_999L) long digits,
            @ForAll @IntRange(max = 15) int places) {
        BigDecimal decimal = BigDecimal.valueOf(digits, places);
        double value = decimal.doubleValue();
        BigDecimal both = new BigDecimal(value).add(new BigDecimal(Decimals.remainder(value)));
        BigDecimal bound = decimal.abs().movePointLeft(30);
        assertThat(both.subtract(decimal).abs()).isLessThanOrEqualTo(bound);
    }

    @Property
    void textIsTheDecimalItself(
            @ForAll @LongRange(min = -999_999_999_999_999L, max = 999_999_999_999_999L) long digits,
            @ForAll @IntRange(max = 15) int places) {
        BigDecimal decimal = BigDecimal.valueOf(digits, places);
        assertThat(text(decimal.doubleValue()))
                .isEqualTo(digits == 0 ? "0" : decimal.stripTrailingZeros().toPlainString());
    }

    @Property
    void textParsesToTheSameDouble(@ForAll double value) {
        assertThat(Double.parseDouble(text(value))).isEqualTo(value == 0 ? 0.0 : value);
    }

    @Test
    void multiplesOfAStepAreDecimals() {
        assertThat(Decimals.multiple(3, 0.1)).isEqualTo(0.3);
        assertThat(Decimals.multiple(-7, 0.05)).isEqualTo(-0.35);
        assertThat(Decimals.multiple(6_183_763, 0.01)).isEqualTo(61837.63);
    }

    private static String text(double value) {
        StringBuilder out = new StringBuilder();
        Decimals.append(out, value);
        return out.toString();
    }
}
