package io.tsdash.benchmarks.fanout;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.tsdash.benchmarks.fanout.Follower.Totals;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * The clients, in a process of their own on one event loop.
 *
 * <p>All connections are counted frame by frame; one in twenty is decoded whole, for its lag and for gaps. Arguments:
 * port, clients, symbols, symbols of each, seconds to warm up, seconds to measure, {@code tsdash} or {@code json}.
 */
public final class Crowd {
    private static final int SAMPLED = 20;
    private static final int READ_BYTES = 1 << 16;
    private static final int AT_ONCE = 200;

    private Crowd() {}

    /** Connects, says BEGIN and END around the measurement, and prints what it saw. */
    public static void main(String[] arguments) throws InterruptedException {
        int port = Integer.parseInt(arguments[0]);
        int clients = Integer.parseInt(arguments[1]);
        int symbols = Integer.parseInt(arguments[2]);
        int each = Integer.parseInt(arguments[3]);
        long warmSeconds = Long.parseLong(arguments[4]);
        long seconds = Long.parseLong(arguments[5]);
        boolean ours = arguments[6].equals("tsdash");
        Totals totals = new Totals();
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        List<Follower> followers = new ArrayList<>();
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(EpollSocketChannel.class)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_BYTES));
        for (int i = 0; i < clients; i++) {
            Follower follower =
                    new Follower(port, "prices", Market.wanted(i, symbols, each), ours, i % SAMPLED == 0, totals);
            followers.add(follower);
            bootstrap
                    .clone()
                    .handler(new ChannelInitializer<Channel>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline().addLast(follower);
                        }
                    })
                    .connect("127.0.0.1", port)
                    .sync();
            if (i % AT_ONCE == AT_ONCE - 1) {
                for (Follower before : followers.subList(i + 1 - AT_ONCE, i + 1)) {
                    before.awaitOpen();
                }
            }
        }
        for (Follower follower : followers) {
            follower.awaitOpen();
        }
        System.out.println("CONNECTED");
        TimeUnit.SECONDS.sleep(warmSeconds);
        loop.submit(totals::begin).sync();
        System.out.println("BEGIN");
        TimeUnit.SECONDS.sleep(seconds);
        System.out.println("END");
        loop.submit(totals::end).sync();
        Histogram lag = totals.lag();
        System.out.printf(
                Locale.ROOT,
                "SAW frames=%d bytes=%d updatesAFrame=%.2f gaps=%d closed=%d p50=%.1f p99=%.1f max=%.1f%n",
                totals.frames(),
                totals.bytes(),
                totals.updatesAFrame(),
                totals.gaps(),
                totals.closed(),
                lag.getValueAtPercentile(50) / 1e6,
                lag.getValueAtPercentile(99) / 1e6,
                lag.getMaxValue() / 1e6);
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    /** Returns a masked text frame. */
    static ByteBuf frame(Channel channel, byte[] text) {
        ByteBuf frame = channel.alloc().buffer(text.length + 14);
        frame.writeByte(0x81);
        if (text.length < 126) {
            frame.writeByte(0x80 | text.length);
        } else {
            frame.writeByte(0x80 | 126).writeShort(text.length);
        }
        // A mask of zeros leaves the bytes as they are.
        return frame.writeInt(0).writeBytes(text);
    }
}
