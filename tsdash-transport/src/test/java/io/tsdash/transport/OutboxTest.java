package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.tsdash.distribution.WireCode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private final List<String> written = new ArrayList<>();

    @Test
    void aClientThatCannotBeSentToIsClosedAndTheOthersGetTheirsOnce() throws Exception {
        EventLoop loop = new DefaultEventLoop();
        try {
            Outbox outbox = new Outbox(loop, TrafficListener.NONE);
            Output broken = new Output("broken", outbox);
            Output well = new Output("well", outbox);
            loop.submit(() -> {
                        broken.send(new byte[] {1});
                        well.send(new byte[] {2});
                    })
                    .get(5, TimeUnit.SECONDS);
            loop.submit(() -> well.send(new byte[] {3})).get(5, TimeUnit.SECONDS);
            loop.submit(() -> {}).get(5, TimeUnit.SECONDS);
            assertThat(written).containsExactly("broken 1", "well 2", "well 3");
            assertThat(broken.channel.isOpen()).isFalse();
            assertThat(broken.reason()).isEqualTo(CloseReason.ERROR);
            assertThat(well.channel.isOpen()).isTrue();
        } finally {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    private final class Output extends NettyOutput {
        final EmbeddedChannel channel;
        private final String name;

        Output(String name, Outbox outbox) {
            this(name, outbox, new EmbeddedChannel());
        }

        private Output(String name, Outbox outbox, EmbeddedChannel channel) {
            super(channel, outbox);
            this.channel = channel;
            this.name = name;
        }

        @Override
        TransportKind kind() {
            return TransportKind.WEBSOCKET;
        }

        @Override
        int write(Channel target, byte[] frame) {
            written.add(name + " " + frame[0]);
            if (name.equals("broken")) {
                throw new IllegalStateException("a fault of the encoder");
            }
            return frame.length;
        }

        @Override
        Object farewell(Channel target, WireCode code, String text) {
            return text;
        }
    }
}
