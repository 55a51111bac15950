package io.tsdash.store.writer;

import io.tsdash.batch.BatchCodec;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Trades as bytes on disk: a count, then each field by field, big-endian. */
final class TradeBytes implements BatchCodec<Trade> {
    private static final int BYTES_EACH = 64;

    @Override
    public byte[] encode(List<Trade> trades) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(trades.size() * BYTES_EACH);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(trades.size());
            for (Trade trade : trades) {
                out.writeUTF(trade.symbol());
                out.writeLong(trade.eventTimeNanos());
                out.writeLong(trade.receiveTimeNanos());
                out.writeLong(trade.sequence());
                out.writeDouble(trade.price());
                out.writeDouble(trade.volume());
                out.writeByte(trade.side().code() | (trade.setsPrice() ? 4 : 0) | (trade.countsVolume() ? 8 : 0));
                out.writeInt(trade.version());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return bytes.toByteArray();
    }

    @Override
    public List<Trade> decode(byte[] bytes) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int count = in.readInt();
            List<Trade> trades = new ArrayList<>(Math.min(count, bytes.length));
            for (int i = 0; i < count; i++) {
                String symbol = in.readUTF();
                long eventTimeNanos = in.readLong();
                long receiveTimeNanos = in.readLong();
                long sequence = in.readLong();
                double price = in.readDouble();
                double volume = in.readDouble();
                int flags = in.readByte();
                trades.add(new Trade(
                        symbol,
                        eventTimeNanos,
                        receiveTimeNanos,
                        sequence,
                        price,
                        volume,
                        Side.ofCode(flags & 3),
                        (flags & 4) != 0,
                        (flags & 8) != 0,
                        in.readInt()));
            }
            return trades;
        }
    }
}
