package io.tsdash.benchmarks.fanout;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.tsdash.client.Replica;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.transport.WireCodec;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** One client: opens a WebSocket by hand, subscribes, and walks the frames. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the connection, which is counted
final class Follower extends ChannelInboundHandlerAdapter {
    private static final byte[] END_OF_HEAD = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TIME = "\"time\":\"".getBytes(StandardCharsets.US_ASCII);

    private static final int PING = 9;

    private final int port;
    private final String kind;
    private final List<Integer> wanted;
    private final boolean ours;
    private final boolean sampled;
    private final Totals totals;
    private final CountDownLatch open = new CountDownLatch(1);
    private final WireCodec.Decoder decoder = WireCodec.binary().decoder();
    private final Replica replica = Replica.keepingLogRows(1);
    private @Nullable ByteBuf rest;
    private boolean upgraded;

    /**
     * @param kind of the channels that it follows, and the name of the socket
     * @param ours whether the server speaks our compact form, rather than plain JSON
     * @param sampled whether frames are decoded, rather than counted only
     */
    Follower(int port, String kind, List<Integer> wanted, boolean ours, boolean sampled, Totals totals) {
        this.port = port;
        this.kind = kind;
        this.wanted = wanted;
        this.ours = ours;
        this.sampled = sampled;
        this.totals = totals;
    }

    void awaitOpen() throws InterruptedException {
        if (!open.await(60, TimeUnit.SECONDS)) {
            throw new IllegalStateException("a client was not let in");
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        String head = "GET /" + kind + " HTTP/1.1\r\nHost: 127.0.0.1:" + port
                + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + (ours ? "Sec-WebSocket-Protocol: tsdash.v1.binary\r\n" : "") + "\r\n";
        context.writeAndFlush(context.alloc().buffer().writeBytes(head.getBytes(StandardCharsets.US_ASCII)));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        totals.closed++;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (rest != null) {
            rest.writeBytes(in);
            in.release();
            in = rest;
            rest = null;
        }
        if (!upgraded) {
            upgrade(context, in);
        }
        if (upgraded) {
            walk(context, in);
        }
        if (in.isReadable()) {
            rest = context.alloc().buffer(in.readableBytes() + 256);
            rest.writeBytes(in);
        }
        in.release();
    }

    private void upgrade(ChannelHandlerContext context, ByteBuf in) {
        byte[] seen = new byte[in.readableBytes()];
        in.getBytes(in.readerIndex(), seen);
        int end = indexOf(seen, END_OF_HEAD, 0);
        if (end < 0) {
            return;
        }
        in.skipBytes(end + END_OF_HEAD.length);
        upgraded = true;
        String channels = wanted.stream()
                .map(symbol -> String.format(Locale.ROOT, "\"%s:S%03d\"", kind, symbol))
                .collect(Collectors.joining(","));
        String command = "{\"op\":\"subscribe\",\"id\":1,\"intervalMillis\":0,\"channels\":[" + channels + "]}";
        context.writeAndFlush(Crowd.frame(context.channel(), command.getBytes(StandardCharsets.UTF_8)));
    }

    private void walk(ChannelHandlerContext context, ByteBuf in) {
        while (in.readableBytes() >= 2) {
            int start = in.readerIndex();
            int length = in.getByte(start + 1) & 0x7f;
            int header = 2;
            if (length == 126) {
                if (in.readableBytes() < 4) {
                    return;
                }
                length = in.getUnsignedShort(start + 2);
                header = 4;
            } else if (length == 127) {
                if (in.readableBytes() < 10) {
                    return;
                }
                length = (int) in.getLong(start + 2);
                header = 10;
            }
            if (in.readableBytes() < header + length) {
                return;
            }
            open.countDown();
            int kindOfFrame = in.getByte(start) & 0x0f;
            if (kindOfFrame == PING) {
                // Masked and empty, as the server's pings are.
                context.writeAndFlush(
                        context.alloc().buffer().writeShort(0x8a80).writeInt(0));
                in.skipBytes(header + length);
                continue;
            }
            if (sampled) {
                byte[] payload = new byte[length];
                in.getBytes(start + header, payload);
                totals.sample(ours ? decoded(payload) : found(payload));
            }
            totals.frame(header + length);
            in.skipBytes(header + length);
        }
    }

    private int decoded(byte[] payload) {
        long now = System.nanoTime();
        int updates = 0;
        for (ServerMessage message : decoder.decode(payload)) {
            if (replica.apply(message) == Replica.Outcome.GAP) {
                totals.gaps++;
            }
            if (message instanceof ServerMessage.Delta delta) {
                updates += delta.rows().size();
                delta.rows().forEach(row -> totals.lag(now - Long.parseLong(String.valueOf(row.get("time")))));
            }
        }
        return updates;
    }

    private int found(byte[] payload) {
        long now = System.nanoTime();
        int updates = 0;
        for (int at = indexOf(payload, TIME, 0); at >= 0; at = indexOf(payload, TIME, at)) {
            at += TIME.length;
            long time = 0;
            for (; payload[at] != '"'; at++) {
                time = time * 10 + payload[at] - '0';
            }
            totals.lag(now - time);
            updates++;
        }
        return updates;
    }

    private static int indexOf(byte[] bytes, byte[] wanted, int from) {
        for (int at = from; at <= bytes.length - wanted.length; at++) {
            int same = 0;
            while (same < wanted.length && bytes[at + same] == wanted[same]) {
                same++;
            }
            if (same == wanted.length) {
                return at;
            }
        }
        return -1;
    }

    /** What all clients saw while it was measured. Owned by their event loop. */
    static final class Totals {
        private final Histogram lag = new Histogram(TimeUnit.MINUTES.toNanos(5), 3);
        private boolean measuring;
        private long frames;
        private long bytes;
        private long sampledFrames;
        private long sampledUpdates;
        private long gaps;
        private long closed;

        void begin() {
            measuring = true;
        }

        void end() {
            measuring = false;
        }

        void frame(int size) {
            if (measuring) {
                frames++;
                bytes += size;
            }
        }

        void sample(int updates) {
            if (measuring) {
                sampledFrames++;
                sampledUpdates += updates;
            }
        }

        void lag(long nanos) {
            if (measuring) {
                lag.recordValue(Math.max(0, Math.min(nanos, lag.getHighestTrackableValue())));
            }
        }

        long frames() {
            return frames;
        }

        long bytes() {
            return bytes;
        }

        double updatesAFrame() {
            return sampledFrames == 0 ? 0 : (double) sampledUpdates / sampledFrames;
        }

        long gaps() {
            return gaps;
        }

        long closed() {
            return closed;
        }

        Histogram lag() {
            return lag;
        }
    }
}
