package io.tsdash.cache;

import io.tsdash.batch.SetAside;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import java.util.concurrent.locks.ReentrantLock;

/** A file of values that a store refuses: a line each, of key, value in Base64, and reason, with tabs between. Bounded. Thread-safe. */
final class SetAsideValues<V> implements SetAside<KeyedValue<V>> {
    static final String NAME = "set-aside.tsv";
    private static final long BYTES_MAX = 256L << 20;

    private final Path file;
    private final CacheCodec<V> codec;
    private final ReentrantLock lock = new ReentrantLock();

    SetAsideValues(Path folder, CacheCodec<V> codec) {
        this.file = folder.resolve(NAME);
        this.codec = codec;
    }

    @Override
    public void add(KeyedValue<V> item, String reason) throws IOException {
        String value = Base64.getEncoder().encodeToString(codec.encode(item.value()));
        String line = item.key() + "\t" + value + "\t" + reason.replaceAll("\\s+", " ") + "\n";
        ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
        lock.lock();
        try (FileChannel out = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            if (out.size() + bytes.remaining() > BYTES_MAX) {
                throw new IOException(file + " is full: move it away");
            }
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(false);
        } finally {
            lock.unlock();
        }
    }
}
