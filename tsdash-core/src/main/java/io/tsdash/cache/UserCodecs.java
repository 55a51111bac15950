package io.tsdash.cache;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What {@link UserSessions} keeps as bytes. */
final class UserCodecs {
    static final CacheCodec<List<Position>> POSITIONS = FieldBytes.listOf(new FieldBytes.Field<>() {
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

    static final CacheCodec<List<WatchList>> WATCH_LISTS = FieldBytes.listOf(new FieldBytes.Field<>() {
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
}
