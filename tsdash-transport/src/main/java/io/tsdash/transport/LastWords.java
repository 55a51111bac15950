package io.tsdash.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.TimeUnit;

/**
 * Ends connections so that the peer gets the last words. To close a socket while bytes of the peer still come resets it,
 * and a reset throws away what the peer has not read; so our side is closed first, and the rest when the peer closes
 * its own, or after a second (RFC 9112 section 9.6). Thread-safe.
 */
@SuppressWarnings("FutureReturnValueIgnored") // there is nothing more to do about a connection that is ending
final class LastWords {
    private static final long LINGER_MILLIS = 1_000;

    private LastWords() {}

    /** Ends the connection after this write. */
    static void after(ChannelFuture write) {
        write.addListener(done -> {
            Channel channel = write.channel();
            if (done.isSuccess()
                    && channel instanceof DuplexChannel duplex
                    && channel.pipeline().get(SslHandler.class) == null) {
                duplex.shutdownOutput();
                channel.eventLoop().schedule(() -> channel.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
            } else {
                channel.close(); // TLS says goodbye itself
            }
        });
    }
}
