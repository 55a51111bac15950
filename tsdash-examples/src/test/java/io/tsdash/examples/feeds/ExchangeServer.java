package io.tsdash.examples.feeds;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** An exchange on this machine: a WebSocket that does what a script says, and REST beside it. */
@SuppressWarnings(
        "FutureReturnValueIgnored") // a send that fails is a connection that ended, which the feed must notice
final class ExchangeServer implements AutoCloseable {
    /** What the exchange does; called by one thread a connection. */
    interface Script {
        /** A client said something. {@code connection} counts from 1. */
        void onText(Client client, int connection, String text);
    }

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final Channel listening;
    private final Script script;
    private final Function<String, Optional<String>> rest;
    final List<Client> clients = new CopyOnWriteArrayList<>();
    final List<String> asked = new CopyOnWriteArrayList<>();
    final List<String> heard = new CopyOnWriteArrayList<>();

    /** @param rest gives the body for a path and query; empty answers 404 */
    ExchangeServer(Script script, Function<String, Optional<String>> rest) {
        this.script = script;
        this.rest = rest;
        listening = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(new HttpServerCodec(), new HttpObjectAggregator(1 << 20))
                                .addLast(new RestHandler())
                                .addLast(new WebSocketServerProtocolHandler("/", true))
                                .addLast(new SocketHandler());
                    }
                })
                .bind("127.0.0.1", 0)
                .syncUninterruptibly()
                .channel();
    }

    String address() {
        return "127.0.0.1:" + ((InetSocketAddress) listening.localAddress()).getPort();
    }

    @Override
    public void close() {
        listening.close().syncUninterruptibly();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** One connection. */
    static final class Client {
        private final Channel channel;
        private boolean asked;

        Client(Channel channel) {
            this.channel = channel;
        }

        void send(String text) {
            channel.writeAndFlush(new TextWebSocketFrame(text));
        }

        void send(List<String> texts) {
            texts.forEach(text -> channel.write(new TextWebSocketFrame(text)));
            channel.flush();
        }

        /** Sends the first half of a frame, and cuts the connection. */
        void cutWithin(String text) {
            byte[] payload = text.getBytes(StandardCharsets.UTF_8);
            ByteBuf half = Unpooled.buffer();
            half.writeByte(0x81); // the last frame of a text
            half.writeByte(126); // its length follows in two bytes
            half.writeShort(payload.length);
            half.writeBytes(payload, 0, payload.length / 2);
            // Written below the encoder, after all that was sent before.
            channel.eventLoop()
                    .execute(() -> channel.pipeline()
                            .firstContext()
                            .writeAndFlush(half)
                            .addListener(done -> channel.close()));
        }

        /** Says nothing from here on, and hears nothing. */
        void freeze() {
            channel.config().setAutoRead(false);
        }

        /** Returns whether this is asked for the first time. */
        boolean first() {
            boolean first = !asked;
            asked = true;
            return first;
        }
    }

    private final class RestHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
        RestHandler() {
            super(false);
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
            if (request.headers().contains(HttpHeaderNames.UPGRADE, "websocket", true)) {
                ctx.fireChannelRead(request);
                return;
            }
            asked.add(request.uri());
            request.release();
            Optional<String> body = rest.apply(request.uri());
            DefaultFullHttpResponse response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1,
                    body.isPresent() ? HttpResponseStatus.OK : HttpResponseStatus.NOT_FOUND,
                    Unpooled.copiedBuffer(body.orElse("{}"), StandardCharsets.UTF_8));
            response.headers()
                    .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
            ctx.writeAndFlush(response);
        }
    }

    private final class SocketHandler extends SimpleChannelInboundHandler<TextWebSocketFrame> {
        private int connection;
        private Client client = new Client(listening);

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
            if (event instanceof WebSocketServerProtocolHandler.HandshakeComplete) {
                client = new Client(ctx.channel());
                clients.add(client);
                connection = clients.size();
            }
            super.userEventTriggered(ctx, event);
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, TextWebSocketFrame frame) {
            heard.add(frame.text());
            script.onText(client, connection, frame.text());
        }
    }
}
