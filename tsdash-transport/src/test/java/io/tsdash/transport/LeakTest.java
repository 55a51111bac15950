package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.ref.WeakReference;
import org.junit.jupiter.api.Test;

class LeakTest {
    @Test
    void connectionsOfAllKindsReleaseTheirBuffers() throws Exception {
        try (TestServer server = TestServer.start()) {
            server.trade("A", 1, 1);
            for (int i = 0; i < 50; i++) {
                try (RawSocket socket = new RawSocket(server.server.port())) {
                    socket.upgrade("/prices", "");
                    socket.text("{\"op\":\"subscribe\",\"id\":1,\"channels\":[\"prices:*\"],\"intervalMillis\":0}");
                    socket.frameWith("snapshot");
                    server.trade("A", i, i);
                }
                try (RawSocket socket = new RawSocket(server.server.port())) {
                    socket.send("GET /stream?channels=prices:* HTTP/1.1\r\nHost: a\r\n\r\n");
                    socket.head();
                }
                try (RawSocket socket = new RawSocket(server.server.port())) {
                    // Several at once, and gone before the answers.
                    socket.send("GET /latest HTTP/1.1\r\nHost: a\r\n\r\n".repeat(5));
                }
                assertThat(server.get("/latest").statusCode()).isEqualTo(200);
            }
            TestServer.await("all to be gone", () -> server.server.connections() <= 1);
        }
        collectGarbage();
        // The detector looks when a buffer is made.
        for (int i = 0; i < 100; i++) {
            ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(16);
            buffer.release();
        }
        LeakWatch.assertNone();
    }

    private static void collectGarbage() {
        WeakReference<Object> witness = new WeakReference<>(new Object());
        TestServer.await("a collection", () -> {
            System.gc();
            return witness.get() == null;
        });
    }
}
