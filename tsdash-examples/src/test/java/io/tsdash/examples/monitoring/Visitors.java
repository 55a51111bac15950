package io.tsdash.examples.monitoring;

import io.tsdash.examples.Eventually;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Those who use a server: some look at prices all the time, some ask for charts and prices, and some misbehave when told to. */
final class Visitors implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration ANSWER_MAX = Duration.ofSeconds(20);
    private static final long PAUSE_NANOS = Duration.ofMillis(25).toNanos();
    private static final int LOOKING = 5;
    private static final String SUBSCRIBE =
            "{\"op\":\"subscribe\",\"id\":1,\"channels\":[\"prices:*\"],\"intervalMillis\":100}";
    /** Answered with a whole chart for each symbol. */
    private static final String ASK_MUCH = "{\"op\":\"subscribe\",\"id\":1,\"channels\":[\"prices:*\",\"bars:1s:*\"]}";

    private static final String TOO_LARGE = "x".repeat(70_000);
    private static final int TOO_MANY = 5_000;

    private final HttpClient client = HttpClient.newHttpClient();
    private final String address;
    private final List<String> symbols;
    private final List<WebSocket> looking = new ArrayList<>();
    private final Thread asking = new Thread(this::ask, "visitors");
    private volatile boolean closed;

    Visitors(String address, List<String> symbols) {
        this.address = address;
        this.symbols = symbols;
        for (int i = 0; i < LOOKING; i++) {
            looking.add(connect(new Ended()));
        }
        asking.start();
    }

    /** Somebody connects and leaves in order. */
    void comeAndGo() {
        Ended ended = new Ended();
        connect(ended).sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        ended.await();
    }

    /** Somebody sends a frame that is larger than any may be. */
    void breakTheProtocol() {
        Ended ended = new Ended();
        WebSocket socket = connect(ended);
        socket.sendText(TOO_LARGE, true).exceptionally(error -> socket).join();
        ended.await();
    }

    /** Somebody sends more commands at once than may wait, by hand: a client of the JDK sends one after the other. */
    void askTooMuch() {
        URI server = URI.create(address);
        try (Socket socket = new Socket(server.getHost(), server.getPort())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            OutputStream out = socket.getOutputStream();
            out.write(("GET /prices HTTP/1.1\r\nHost: " + server.getAuthority()
                            + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: tsdash.v1.json\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            int answered = in.read(new byte[1 << 16]); // the handshake
            ByteArrayOutputStream commands = new ByteArrayOutputStream();
            for (int i = 0; i < TOO_MANY && answered > 0; i++) {
                commands.write(0x81); // the last frame of a text
                commands.write(0x80 | ASK_MUCH.length()); // masked, with nothing
                commands.writeBytes(new byte[4]);
                commands.writeBytes(ASK_MUCH.getBytes(StandardCharsets.US_ASCII));
            }
            commands.writeTo(out);
            while (in.read(new byte[1 << 16]) >= 0) {
                // until the server has enough
            }
        } catch (SocketException e) {
            // It was closed before it had all.
        } catch (IOException e) {
            throw new AssertionError("the server takes any number of commands", e);
        }
    }

    @Override
    public void close() {
        closed = true;
        looking.forEach(WebSocket::abort);
        try {
            asking.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private WebSocket connect(Ended ended) {
        WebSocket socket = client.newWebSocketBuilder()
                .subprotocols("tsdash.v1.json")
                .connectTimeout(PATIENCE)
                .buildAsync(URI.create(address.replace("http", "ws") + "/prices"), ended)
                .join();
        socket.sendText(SUBSCRIBE, true).join();
        return socket;
    }

    /** Some of the answers are errors while a part is away; that is what this is for. */
    private void ask() {
        for (int i = 0; !closed; i++) {
            String symbol = symbols.get(i % symbols.size());
            get("/historical/bars?symbol=" + symbol + "&interval=1h&limit=20");
            get("/historical/bars?symbol=" + symbol + "&interval=1s&limit=20"); // in no cache
            get("/latest?symbol=" + symbol);
            get("/aggregates/vwap?symbol=" + symbol);
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private void get(String path) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + path))
                .timeout(ANSWER_MAX)
                .build();
        CompletableFuture<HttpResponse<Void>> answer =
                client.sendAsync(request, HttpResponse.BodyHandlers.discarding());
        Eventually.holds(path, ANSWER_MAX, () -> answer.isDone() || closed);
    }

    /** Knows when its connection has ended. */
    private static final class Ended implements WebSocket.Listener {
        private final CompletableFuture<Integer> code = new CompletableFuture<>();

        void await() {
            code.orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                    .exceptionally(cut -> 0)
                    .join();
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            code.complete(status);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            if (error instanceof IOException) {
                code.complete(0);
            } else {
                code.completeExceptionally(error);
            }
        }
    }
}
