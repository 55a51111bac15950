package io.tsdash.cache;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** What {@link UserSessions} keeps as bytes: a form, a count, then each field by field, big-endian. */
final class UserCodecs {
    private static final int FORM = 1;

    private interface Field<T> {
        void write(DataOutputStream out, T value) throws IOException;

        T read(DataInputStream in) throws IOException;
    }

    static final CacheCodec<List<Position>> POSITIONS = listOf(new Field<>() {
        @Override
        public void write(DataOutputStream out, Position value) throws IOException {
            out.writeUTF(value.symbol());
            out.writeDouble(value.quantity());
            out.writeDouble(value.averagePrice());
        }

        @Override
        public Position read(DataInputStream in) throws IOException {
            return new Position(in.readUTF(), in.readDouble(), in.readDouble());
        }
    });

    static final CacheCodec<List<WatchList>> WATCH_LISTS = listOf(new Field<>() {
        @Override
        public void write(DataOutputStream out, WatchList value) throws IOException {
            out.writeUTF(value.name());
            out.writeInt(value.symbols().size());
            for (String symbol : value.symbols()) {
                out.writeUTF(symbol);
            }
        }

        @Override
        public WatchList read(DataInputStream in) throws IOException {
            String name = in.readUTF();
            int count = in.readInt();
            List<String> symbols = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                symbols.add(in.readUTF());
            }
            return new WatchList(name, symbols);
        }
    });

    private UserCodecs() {}

    private static <T> CacheCodec<List<T>> listOf(Field<T> field) {
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
