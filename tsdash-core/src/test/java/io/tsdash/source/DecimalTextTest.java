package io.tsdash.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecimalTextTest {

    @Property
    void readsWhatEveryDoublePrints(@ForAll double value) {
        assertThat(parse(Double.toString(value))).isEqualTo(value);
    }

    @Property
    void roundsAsParseDoubleDoes(@ForAll long mantissa, @ForAll @IntRange(max = 25) int decimals) {
        String text = BigDecimal.valueOf(mantissa, decimals).toPlainString();
        assertThat(parse(text)).isEqualTo(Double.parseDouble(text));
    }

    @Property
    void roundsPaddedDecimalsAsParseDoubleDoes(
            @ForAll @IntRange(max = 1_000_000_000) int mantissa, @ForAll @IntRange(max = 9) int decimals) {
        String text =
                BigDecimal.valueOf(mantissa, decimals).setScale(decimals + 5).toPlainString();
        assertThat(parse(text)).isEqualTo(Double.parseDouble(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                ".",
                "-.",
                "NaN",
                "Infinity",
                "-Infinity",
                "1e999",
                "1d",
                "0x1p3",
                " 1",
                "1 ",
                "1,5",
                "1.2.3"
            })
    void takesNothingButFiniteDecimals(String text) {
        assertThat(parse(text)).isNaN();
    }

    @ParameterizedTest
    @ValueSource(strings = {"5.", ".5", "-0.25", "1e-7", "1.5E+3", "9007199254740993", "0000000000000000000000000.1"})
    void takesEveryFormOfADecimal(String text) {
        assertThat(parse(text)).isEqualTo(Double.parseDouble(text));
    }

    private static double parse(String text) {
        byte[] bytes = ("x" + text + "y").getBytes(StandardCharsets.UTF_8);
        return DecimalText.parse(bytes, 1, bytes.length - 1);
    }
}
