package io.tsdash.benchmarks.fanout;

import io.tsdash.model.Quote;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.BufferedTextMessage;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.xnio.Options;

/** A plain price server on Undertow: each update is sent to each subscriber as JSON. Arguments as for ours. */
@SuppressWarnings("FutureReturnValueIgnored") // the ticker runs until the process ends
public final class UndertowContender {
    private static final Pattern WANTED = Pattern.compile("prices:([A-Z0-9]+)");

    private UndertowContender() {}

    /** Serves until its input ends. */
    public static void main(String[] arguments) throws IOException {
        Market market = new Market(Integer.parseInt(arguments[0]));
        Map<String, List<WebSocketChannel>> subscribers = new ConcurrentHashMap<>();
        market.symbols().forEach(symbol -> subscribers.put(symbol, new CopyOnWriteArrayList<>()));
        Undertow server = Undertow.builder()
                .setIoThreads(1)
                .setSocketOption(Options.BACKLOG, 4_096)
                .addHttpListener(0, "127.0.0.1")
                .setHandler(Handlers.websocket((exchange, socket) -> {
                    socket.getReceiveSetter().set(new AbstractReceiveListener() {
                        @Override
                        protected void onFullTextMessage(WebSocketChannel from, BufferedTextMessage message) {
                            Matcher symbols = WANTED.matcher(message.getData());
                            while (symbols.find()) {
                                subscribers
                                        .getOrDefault(symbols.group(1), List.of())
                                        .add(from);
                            }
                        }
                    });
                    socket.resumeReceives();
                }))
                .build();
        server.start();
        int port = ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
        System.out.println("READY " + port);
        ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor();
        ticker.scheduleWithFixedDelay(
                () -> publish(market, subscribers), 0, Long.parseLong(arguments[1]), TimeUnit.MILLISECONDS);
        while (System.in.read() >= 0) {
            // Until whoever started it ends it.
        }
        ticker.shutdownNow();
        server.stop();
    }

    private static void publish(Market market, Map<String, List<WebSocketChannel>> subscribers) {
        for (Quote quote : market.next()) {
            String json = "{\"type\":\"price\",\"symbol\":\"" + quote.symbol() + "\",\"time\":\""
                    + quote.eventTimeNanos() + "\",\"bid\":" + quote.bid() + ",\"ask\":" + quote.ask() + ",\"bidSize\":"
                    + quote.bidSize() + ",\"askSize\":" + quote.askSize() + "}";
            for (WebSocketChannel socket : subscribers.getOrDefault(quote.symbol(), List.of())) {
                WebSockets.sendText(json, socket, null);
            }
        }
    }
}
