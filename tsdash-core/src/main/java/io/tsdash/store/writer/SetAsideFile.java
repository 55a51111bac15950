package io.tsdash.store.writer;

import io.tsdash.batch.SetAside;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Trades that a store refuses, with the reason: a tape that the {@code replay} feed reads, with one more column.
 *
 * <p>A row is on disk when {@link #add} returns. Bounded: a file that is full takes no more. Thread-safe.
 */
final class SetAsideFile implements SetAside<Trade> {
    static final String NAME = "set-aside.csv";
    private static final long BYTES_MAX = 256L << 20;
    private static final String HEADER = "timestamp_ns,exchange_ts_ns,symbol,price,volume,seq,event,version,side,"
            + "ohlc_eligible,volume_eligible,reason\n";

    private final Path file;
    private final ReentrantLock lock = new ReentrantLock();

    SetAsideFile(Path folder) {
        this.file = folder.resolve(NAME);
    }

    @Override
    public void add(Trade trade, String reason) throws IOException {
        lock.lock();
        try (FileChannel out = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            long size = out.size();
            String row = (size == 0 ? HEADER : "") + row(trade, reason);
            ByteBuffer bytes = ByteBuffer.wrap(row.getBytes(StandardCharsets.UTF_8));
            if (size + bytes.remaining() > BYTES_MAX) {
                throw new IOException(file + " is full: move it away");
            }
            try {
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                out.force(false);
            } catch (IOException e) {
                out.truncate(size); // half a row would spoil the next one
                throw e;
            }
        } finally {
            lock.unlock();
        }
    }

    private static String row(Trade trade, String reason) {
        String event = trade.cancelled() ? "X" : trade.version() > 0 ? "C" : "T";
        String side = trade.side() == Side.BUY ? "B" : trade.side() == Side.SELL ? "S" : "";
        return String.join(
                        ",",
                        Long.toString(trade.receiveTimeNanos()),
                        Long.toString(trade.eventTimeNanos()),
                        quoted(trade.symbol()),
                        Double.toString(trade.price()),
                        Double.toString(trade.volume()),
                        Long.toString(trade.sequence()),
                        event,
                        event.equals("C") ? Integer.toString(trade.version()) : "",
                        side,
                        trade.setsPrice() ? "1" : "0",
                        trade.countsVolume() ? "1" : "0",
                        quoted(reason.replaceAll("\\s+", " ")))
                + "\n";
    }

    private static String quoted(String text) {
        return '"' + text.replace("\"", "\"\"") + '"';
    }
}
