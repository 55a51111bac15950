package io.tsdash.batch;

import io.tsdash.error.PermanentException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Batches on disk, first in, first out, for a target that is away; bounded, and there again after a restart.
 *
 * <p>Files of a folder, numbered; in each, chunks: length, CRC-32C, then a batch. A chunk is on disk (fsync)
 * when {@link #append} returns. What was taken off is forgotten a file at a time: after a crash some of it comes again,
 * which is no harm to targets that write by identity. One process at a time uses a folder. Thread-safe.
 */
final class Spill<T> implements AutoCloseable {
    private static final long FILE_BYTES_MAX = 8L << 20;
    private static final int HEAD_BYTES = 8;
    private static final String SUFFIX = ".spill";

    /** The oldest batches, and where in their file they end. */
    record Head<T>(List<T> items, long endOffset) {}

    private record Segment(Path file, long bytes, long items) {}

    private final Path folder;
    private final long bytesMax;
    private final BatchCodec<T> codec;
    private final FileChannel lockFile;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Segment> segments = new ArrayDeque<>(); // oldest first; the last one is written to
    private FileChannel tail;
    private long headOffset;
    private long nextNumber;
    private long bytes;
    private final AtomicLong waiting = new AtomicLong();

    private Spill(Path folder, long bytesMax, BatchCodec<T> codec, FileChannel lockFile, FileChannel tail) {
        this.folder = folder;
        this.bytesMax = bytesMax;
        this.codec = codec;
        this.lockFile = lockFile;
        this.tail = tail;
    }

    /**
     * Opens a folder and what another run left in it.
     *
     * @param damaged told of each file of which a part cannot be read, and why
     * @throws PermanentException if the folder cannot be used
     */
    static <T> Spill<T> open(Path folder, long bytesMax, BatchCodec<T> codec, BiConsumer<String, String> damaged) {
        try {
            Files.createDirectories(folder);
            FileChannel lockFile = lock(folder);
            List<Path> files;
            try (Stream<Path> all = Files.list(folder)) {
                files = all.filter(file -> file.toString().endsWith(SUFFIX))
                        .sorted()
                        .toList();
            }
            long number = files.isEmpty() ? 0 : number(files.get(files.size() - 1)) + 1;
            Path tailFile = file(folder, number);
            Spill<T> spill = new Spill<>(folder, bytesMax, codec, lockFile, create(tailFile));
            for (Path file : files) {
                Segment segment = spill.check(file, damaged);
                if (segment.items() == 0) {
                    Files.delete(file);
                } else {
                    spill.segments.add(segment);
                    spill.bytes += segment.bytes();
                    spill.waiting.addAndGet(segment.items());
                }
            }
            spill.segments.add(new Segment(tailFile, 0, 0));
            spill.nextNumber = number + 1;
            return spill;
        } catch (IOException e) {
            throw new PermanentException(
                    "spill '" + folder + "' cannot be used: it must be a folder that this user may write to (" + e
                            + ")",
                    e);
        }
    }

    boolean isEmpty() {
        return waiting.get() == 0;
    }

    /** Returns how many items wait. */
    long waiting() {
        return waiting.get();
    }

    /**
     * Adds a batch; it is on disk when this returns.
     *
     * @return false when there is no room for it
     */
    boolean append(List<T> items) throws IOException {
        byte[] payload = codec.encode(items);
        ByteBuffer chunk = ByteBuffer.allocate(HEAD_BYTES + payload.length);
        chunk.putInt(payload.length).putInt(checksum(payload)).put(payload).flip();
        lock.lock();
        try {
            int size = chunk.remaining();
            if (bytes + size > bytesMax) {
                return false;
            }
            Segment segment = segments.getLast();
            if (segment.bytes() > 0 && segment.bytes() + size > FILE_BYTES_MAX) {
                segment = roll();
            }
            try {
                while (chunk.hasRemaining()) {
                    tail.write(chunk, segment.bytes() + chunk.position());
                }
                tail.force(false);
            } catch (IOException e) {
                tail.truncate(segment.bytes()); // half a chunk would hide those after it
                throw e;
            }
            segments.removeLast();
            segments.addLast(new Segment(segment.file(), segment.bytes() + size, segment.items() + items.size()));
            bytes += size;
            waiting.addAndGet(items.size());
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns the oldest batches of the oldest file, without taking them off; none when nothing waits.
     *
     * @param wanted with so many items, or with the file's last, it is enough
     */
    Head<T> peek(int wanted) throws IOException {
        lock.lock();
        try {
            List<T> items = new ArrayList<>();
            long offset = headOffset;
            Segment first = segments.getFirst();
            try (FileChannel in = FileChannel.open(first.file(), StandardOpenOption.READ)) {
                while (items.size() < wanted && offset < first.bytes()) {
                    byte[] payload = payload(in, offset);
                    items.addAll(codec.decode(payload));
                    offset += HEAD_BYTES + payload.length;
                }
            }
            return new Head<>(items, offset);
        } finally {
            lock.unlock();
        }
    }

    /** Takes off what {@link #peek} returned last. */
    void remove(Head<T> head) throws IOException {
        lock.lock();
        try {
            Segment first = segments.getFirst();
            headOffset = head.endOffset();
            waiting.addAndGet(-head.items().size());
            if (headOffset >= first.bytes()) {
                if (segments.size() == 1) {
                    roll();
                }
                segments.removeFirst();
                bytes -= first.bytes();
                headOffset = 0;
                Files.delete(first.file());
            }
        } finally {
            lock.unlock();
        }
    }

    /** What waits stays on disk for the next run. */
    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            tail.close();
            Segment last = segments.getLast();
            if (last.bytes() == 0) {
                Files.deleteIfExists(last.file());
            }
            lockFile.close();
        } finally {
            lock.unlock();
        }
    }

    private Segment roll() throws IOException {
        Path file = file(folder, nextNumber++);
        FileChannel next = create(file);
        tail.close();
        tail = next;
        Segment segment = new Segment(file, 0, 0);
        segments.addLast(segment);
        return segment;
    }

    private static FileChannel lock(Path folder) throws IOException {
        FileChannel channel =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = null;
        try {
            held = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // by this process: the same to us
        }
        if (held == null) {
            channel.close();
            throw new PermanentException(
                    "spill '" + folder + "' is in use by another writer: give each its own folder");
        }
        return channel;
    }

    /** Counts the chunks of a file; from the first one that is not whole on, the file is kept under another name too. */
    private Segment check(Path file, BiConsumer<String, String> damaged) throws IOException {
        long offset = 0;
        long items = 0;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long size = channel.size();
            try {
                while (offset < size) {
                    byte[] payload = payload(channel, offset);
                    items += codec.decode(payload).size();
                    offset += HEAD_BYTES + payload.length;
                }
            } catch (IOException e) {
                Path copy = Path.of(file + ".damaged");
                Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
                channel.truncate(offset);
                damaged.accept(copy.toString(), "from byte " + offset + " of " + size + " on: " + e.getMessage());
            }
        }
        return new Segment(file, offset, items);
    }

    private static byte[] payload(FileChannel in, long offset) throws IOException {
        ByteBuffer head = read(in, offset, HEAD_BYTES);
        int length = head.getInt();
        int checksum = head.getInt();
        if (length < 4 || length > in.size() - offset - HEAD_BYTES) {
            throw new IOException("a batch of " + length + " bytes does not fit into the file");
        }
        byte[] payload = read(in, offset + HEAD_BYTES, length).array();
        if (checksum(payload) != checksum) {
            throw new IOException("the checksum of a batch is wrong");
        }
        return payload;
    }

    private static ByteBuffer read(FileChannel in, long offset, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (in.read(buffer, offset + buffer.position()) < 0) {
                throw new IOException("the file ends inside a batch");
            }
        }
        return buffer.flip();
    }

    private static int checksum(byte[] payload) {
        CRC32C crc = new CRC32C();
        crc.update(payload);
        return (int) crc.getValue();
    }

    private static Path file(Path folder, long number) {
        return folder.resolve(String.format("%016d%s", number, SUFFIX));
    }

    private static long number(Path file) {
        String name = file.getFileName().toString();
        return Long.parseLong(name.substring(0, name.length() - SUFFIX.length()));
    }

    private static FileChannel create(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }
}
