package io.tsdash.cache;

import io.tsdash.batch.BatchCodec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Keys and values as bytes on disk: a count, then each key, the length of its value, and the value, big-endian. */
record KeyedValueBytes<V>(CacheCodec<V> codec) implements BatchCodec<KeyedValue<V>> {
    @Override
    public byte[] encode(List<KeyedValue<V>> batch) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(batch.size());
            for (KeyedValue<V> each : batch) {
                byte[] value = codec.encode(each.value());
                out.writeUTF(each.key());
                out.writeInt(value.length);
                out.write(value);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return bytes.toByteArray();
    }

    @Override
    public List<KeyedValue<V>> decode(byte[] bytes) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int count = in.readInt();
            List<KeyedValue<V>> batch = new ArrayList<>(Math.min(count, bytes.length));
            for (int i = 0; i < count; i++) {
                String key = in.readUTF();
                byte[] value = in.readNBytes(in.readInt());
                batch.add(new KeyedValue<>(key, codec.decode(value)));
            }
            return batch;
        } catch (RuntimeException e) {
            throw new IOException("a value cannot be read: " + e, e);
        }
    }
}
