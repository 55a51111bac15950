package io.tsdash.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.client.Replica;
import io.tsdash.distribution.ServerMessage;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A client notices at once that its connection has ended, whatever it is doing then. */
class EndOfConnectionTest {
    /** So that silence cannot be what it notices. */
    private static final ServerMessage HELLO = new ServerMessage.Hello("1", 600_000, "a server that dies");

    @Test
    void comesBackWhenTheServerDiesWhileAFrameIsDealtWith() throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        CountDownLatch greeted = new CountDownLatch(1);
        CountDownLatch dealingWithIt = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        TsdashClientListener listener = new TsdashClientListener() {
            @Override
            public void message(ServerMessage message, Replica.Outcome outcome) {
                if (message instanceof ServerMessage.Hello) {
                    greeted.countDown();
                } else if (message instanceof ServerMessage.Pong) {
                    dealingWithIt.countDown();
                    await(ended);
                    pause(); // until whoever reads from the socket may have seen its end
                }
            }

            @Override
            public void connection(boolean open, String reason) {
                if (!open) {
                    gone.countDown();
                }
            }
        };
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                TsdashClient client = TsdashClient.builder(URI.create("ws://127.0.0.1:" + server.getLocalPort() + "/"))
                        .codec(WireCodec.json())
                        .listener(listener)
                        .connect()) {
            server.setSoTimeout(10_000);
            try (Socket first = shakeHands(server)) {
                first.getOutputStream().write(frame(HELLO));
                await(greeted);
                pause(); // the thread that made the connection may read what is there at once; then it is done
                first.getOutputStream().write(frame(new ServerMessage.Pong(1)));
                await(dealingWithIt);
            }
            ended.countDown();
            assertThat(gone.await(5, TimeUnit.SECONDS)).as("it was noticed").isTrue();
            try (Socket second = shakeHands(server)) {
                second.getOutputStream().write(frame(HELLO));
                TestServer.await("the second connection", () -> client.connectionsMade() == 2);
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(200);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static Socket shakeHands(ServerSocket server) throws IOException, NoSuchAlgorithmException {
        Socket socket = server.accept();
        BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
        String key = "";
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
            if (line.regionMatches(true, 0, "Sec-WebSocket-Key:", 0, 18)) {
                key = line.substring(18).trim();
            }
        }
        byte[] digest = MessageDigest.getInstance("SHA-1")
                .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(US_ASCII));
        String answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Protocol: " + WireCodec.json().subprotocol() + "\r\nSec-WebSocket-Accept: "
                + Base64.getEncoder().encodeToString(digest) + "\r\n\r\n";
        socket.getOutputStream().write(answer.getBytes(US_ASCII));
        return socket;
    }

    /** Returns a message as a text frame of fewer than 126 bytes. */
    private static byte[] frame(ServerMessage message) {
        byte[] text = WireCodec.json().encoder().control(message);
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(0x81);
        frame.write(text.length);
        frame.writeBytes(text);
        return frame.toByteArray();
    }
}
