package io.tsdash.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FaultProxyTest {
    private static final int CLIENTS = 4;
    private static final int ROUNDS = 300;
    private static final int ANSWER_MILLIS_MAX = 10_000;

    private final ServerSocket echo = listening();
    private final FaultProxy proxy = FaultProxy.to("127.0.0.1", echo.getLocalPort());
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void close() throws IOException {
        threads.shutdownNow();
        proxy.close();
        echo.close();
    }

    @Test
    void leavesNoConnectionOpenThatCameWhileOthersWereCut() throws Exception {
        threads.execute(this::echo);
        for (int round = 0; round < ROUNDS; round++) {
            proxy.cutAfterSending(round % 5);
            List<Future<Boolean>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(threads.submit(this::isCutOrAnswered));
            }
            for (Future<Boolean> client : clients) {
                assertThat(client.get())
                        .as("cut or answered, in round %d", round)
                        .isTrue();
            }
            proxy.heal();
        }
    }

    /** Returns whether a byte was answered, or the connection ended: what is cut does not hang. */
    private boolean isCutOrAnswered() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
            socket.setSoTimeout(ANSWER_MILLIS_MAX);
            socket.getOutputStream().write('x');
            socket.getInputStream().read();
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private void echo() {
        while (!echo.isClosed()) {
            try {
                Socket socket = echo.accept();
                threads.execute(() -> {
                    try (socket) {
                        socket.getInputStream().transferTo(socket.getOutputStream());
                    } catch (IOException e) {
                        // it was cut
                    }
                });
            } catch (IOException e) {
                // it is closed
            }
        }
    }

    private static ServerSocket listening() {
        try {
            return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
