package io.tsdash.benchmarks.fanout;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** Some clients in this process, on one event loop. */
public final class Subscribers implements AutoCloseable {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Follower.Totals totals = new Follower.Totals();

    private final long thread;

    private Subscribers() throws InterruptedException {
        thread = loop.submit(() -> Thread.currentThread().getId()).sync().getNow();
    }

    /** Connects them to the trades of some symbols each; they decode all they get. */
    public static Subscribers connect(int port, int count, int symbols, int each) throws InterruptedException {
        return connect(port, "trades", count, symbols, each, true);
    }

    /** Connects them to the prices of some symbols each; they only count. */
    public static Subscribers counting(int port, int count, int symbols, int each) throws InterruptedException {
        return connect(port, "prices", count, symbols, each, false);
    }

    private static Subscribers connect(int port, String kind, int count, int symbols, int each, boolean decoding)
            throws InterruptedException {
        Subscribers subscribers = new Subscribers();
        List<Follower> followers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Follower follower =
                    new Follower(port, kind, Market.wanted(i, symbols, each), true, decoding, subscribers.totals);
            followers.add(follower);
            new Bootstrap()
                    .group(subscribers.loop)
                    .channel(EpollSocketChannel.class)
                    .handler(new ChannelInitializer<Channel>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline().addLast(follower);
                        }
                    })
                    .connect("127.0.0.1", port)
                    .sync();
        }
        for (Follower follower : followers) {
            follower.awaitOpen();
        }
        return subscribers;
    }

    /** Begins to measure. */
    public void begin() throws InterruptedException {
        loop.submit(totals::begin).sync();
    }

    /** Ends measuring and returns the lags. */
    public Histogram end() throws InterruptedException {
        loop.submit(totals::end).sync();
        return totals.lag();
    }

    /** Returns how often something was missing. */
    public long gaps() {
        return totals.gaps();
    }

    /** Returns the processor time so far of their thread, in nanoseconds. */
    public long cpuNanos() {
        return THREADS.getThreadCpuTime(thread);
    }

    @Override
    public void close() {
        loop.shutdownGracefully().syncUninterruptibly();
    }
}
