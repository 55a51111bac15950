package io.tsdash.cache;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Lists as bytes: a form, a count, then each value field by field, big-endian. */
final class FieldBytes {
    private static final int FORM = 1;

    private FieldBytes() {}

    /** One value, field by field. */
    interface Field<T> {
        void write(DataOutputStream out, T value) throws IOException;

        T read(DataInputStream in) throws IOException;
    }

    static <T> CacheCodec<List<T>> listOf(Field<T> field) {
        return new CacheCodec<>() {
            @Override
            public byte[] encode(List<T> values) {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                try (DataOutputStream out = new DataOutputStream(bytes)) {
                    out.writeByte(FORM);
                    out.writeInt(values.size());
                    for (T value : values) {
                        field.write(out, value);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException("a text of it is too long: " + e.getMessage(), e);
                }
                return bytes.toByteArray();
            }

            @Override
            public List<T> decode(byte[] bytes) {
                try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
                    int form = in.readByte();
                    if (form != FORM) {
                        throw new IllegalArgumentException(
                                "it has the form " + form + ", and this version reads " + FORM);
                    }
                    int count = in.readInt();
                    List<T> values = new ArrayList<>();
                    for (int i = 0; i < count; i++) {
                        values.add(field.read(in));
                    }
                    return List.copyOf(values);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }
}
