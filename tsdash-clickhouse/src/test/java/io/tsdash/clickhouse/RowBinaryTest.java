package io.tsdash.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.InvalidInputException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class RowBinaryTest {

    @Property(tries = 200)
    void readsWhatItWrote(
            @ForAll @Size(max = 50) List<@StringLength(max = 200) String> texts,
            @ForAll long number,
            @ForAll double price,
            @ForAll int version,
            @ForAll @IntRange(min = 1, max = 40) int pieces)
            throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        RowBinary out = new RowBinary(bytes);
        for (String text : texts) {
            out.string(whole(text))
                    .int64(number)
                    .float64(price)
                    .int32(version)
                    .uint8(200)
                    .bool(true);
        }
        out.flush();

        Rows rows = new Rows(inPieces(bytes.toByteArray(), pieces));
        for (String text : texts) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.string()).isEqualTo(whole(text));
            assertThat(rows.int64()).isEqualTo(number);
            assertThat(rows.float64()).isEqualTo(price);
            assertThat(rows.int32()).isEqualTo(version);
            assertThat(rows.uint8()).isEqualTo(200);
            assertThat(rows.bool()).isTrue();
        }
        assertThat(rows.next()).isFalse();
    }

    @Test
    void refusesHalfASurrogatePair() {
        RowBinary out = new RowBinary(new ByteArrayOutputStream());
        assertThatThrownBy(() -> out.string("A\ud83d"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("must be text that UTF-8 can hold");
    }

    @Test
    void writesMoreThanItsBufferHolds() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        RowBinary out = new RowBinary(bytes);
        for (int i = 0; i < 100_000; i++) {
            out.string("日経" + i % 7).int64(i);
        }
        out.flush();
        Rows rows = new Rows(new ByteArrayInputStream(bytes.toByteArray()));
        for (int i = 0; i < 100_000; i++) {
            assertThat(rows.string()).isEqualTo("日経" + i % 7);
            assertThat(rows.int64()).isEqualTo(i);
        }
        assertThat(rows.next()).isFalse();
    }

    @Test
    void refusesAnAnswerThatEndsWithinARow() {
        Rows rows = new Rows(new ByteArrayInputStream(new byte[] {1, 2, 3}));
        assertThatThrownBy(rows::int64).isInstanceOf(EOFException.class);
    }

    /** Halves of surrogate pairs become question marks. */
    private static String whole(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    /** A stream that gives a few bytes at a time, as networks do. */
    private static InputStream inPieces(byte[] bytes, int size) {
        return new ByteArrayInputStream(Arrays.copyOf(bytes, bytes.length)) {
            @Override
            public int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(size, length));
            }
        };
    }
}
