package io.tsdash.benchmarks.cost;

import io.tsdash.benchmarks.Measured;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.MarketChannels;
import io.tsdash.model.Trade;
import io.tsdash.store.MarketStore;
import io.tsdash.trace.Tracer;
import io.tsdash.transport.TsdashServer;
import io.tsdash.transport.TsdashServerBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A request for the latest price, one after the other on one connection; what the client costs is not counted. One request in a
 * thousand asks to be traced.
 */
public final class RestPath implements CostlyPath {
    private static final int REQUESTS = 1_000;
    private static final byte[] REQUEST = request("");
    private static final byte[] TRACED =
            request("traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n");
    private static final String LENGTH = "content-length: ";
    private static final int ANSWER_MAX = 16_384;

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final Hub hub = Hub.builder().build();
    private final TsdashServer server;
    private final Socket socket;
    private final byte[] answer = new byte[ANSWER_MAX];

    /**
     * @param measured whether with metrics
     * @param tracer of requests that ask for it
     */
    public RestPath(boolean measured, Tracer tracer) throws IOException {
        hub.start();
        TsdashServerBuilder builder =
                TsdashServer.builder(hub, MarketStore.inMemory()).port(0).tracer(tracer, "none");
        server = (measured ? new Measured().measure(builder) : builder).start();
        try {
            MarketChannels.builder(hub)
                    .build()
                    .events("feed", List.of(Trade.of("S1", 1_723_127_400_000_000_000L, 1, 10, 1)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.setTcpNoDelay(true);
    }

    @Override
    public int round() throws IOException {
        for (int i = 0; i < REQUESTS; i++) {
            socket.getOutputStream().write(i == 0 ? TRACED : REQUEST);
            readAnswer(socket.getInputStream());
        }
        return REQUESTS;
    }

    @Override
    public long othersNanos() {
        return threads.getCurrentThreadCpuTime();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } finally {
            server.close();
            hub.close();
        }
    }

    private static byte[] request(String header) {
        return ("GET /latest?symbol=S1 HTTP/1.1\r\nhost: localhost\r\n" + header + "\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private void readAnswer(InputStream in) throws IOException {
        int read = 0;
        int whole = answer.length;
        while (read < whole) {
            int now = in.read(answer, read, answer.length - read);
            if (now < 0) {
                throw new IOException("the server has gone");
            }
            read += now;
            String text = new String(answer, 0, read, StandardCharsets.US_ASCII);
            int head = text.indexOf("\r\n\r\n");
            if (head > 0) {
                int from = text.indexOf(LENGTH) + LENGTH.length();
                whole = head + 4 + Integer.parseInt(text.substring(from, text.indexOf('\r', from)));
            }
        }
    }
}
