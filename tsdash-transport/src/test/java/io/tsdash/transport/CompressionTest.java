package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.distribution.ClientCommand;
import io.tsdash.distribution.MessageCodec;
import io.tsdash.distribution.PartState;
import io.tsdash.distribution.PartStatus;
import io.tsdash.store.MarketStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** What permessage-deflate does to the server's own frames; what it does to a client's is in {@link ConformanceTest}. */
class CompressionTest {
    private static final String OFFER = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    private static final int DEFAULT_MAX = 1 << 20;

    @Test
    void framesOfAClientThatOffersItAreDeflatedOnceForAll() throws Exception {
        try (TestServer server = TestServer.start()) {
            server.market.status(PartStatus.of("feed", PartState.LIVE, 4, ""));
            List<RawSocket> sockets = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                RawSocket socket = new RawSocket(server.server.port());
                assertThat(socket.upgrade("/prices", OFFER)).contains("101");
                sockets.add(socket);
                socket.text("{\"op\":\"subscribe\",\"id\":1,\"channels\":[\"status\"],\"intervalMillis\":0}");
                socket.frameWith("subscribed");
            }
            long before = server.server.deflatedFrames();
            server.market.status(PartStatus.of("feed", PartState.DOWN, 5, "no line ".repeat(40)));
            for (RawSocket socket : sockets) {
                RawSocket.Frame frame = deflated(socket);
                String text = frame.text();
                assertThat(text).contains("no line no line");
                assertThat(frame.payload().length).isLessThan(text.length());
                socket.close();
            }
            assertThat(server.server.deflatedFrames() - before)
                    .as("one frame for all, but where a heartbeat came with it")
                    .isBetween(1L, 4L);
        }
    }

    @Test
    void itIsNotAgreedOnWhereItIsSwitchedOffOrTheFormIsCompact() throws IOException {
        String offer = OFFER + "Sec-WebSocket-Protocol: test.compact\r\n";
        try (TestServer server = TestServer.start(MarketStore.inMemory(), options -> options.compression(false))) {
            assertThat(heads(server, OFFER)).startsWith("HTTP/1.1 101").doesNotContain("permessage-deflate");
        }
        List<WireCodec> forms = List.of(WireCodec.json(), new CompactForm());
        try (TestServer server = TestServer.start(MarketStore.inMemory(), options -> options.codecs(forms))) {
            assertThat(heads(server, offer)).startsWith("HTTP/1.1 101").doesNotContain("permessage-deflate");
            assertThat(heads(server, OFFER)).startsWith("HTTP/1.1 101").contains("permessage-deflate");
        }
    }

    @Test
    void shortFramesAndFramesThatDoNotShrinkGoAsTheyAre() {
        try (FrameDeflater deflater = new FrameDeflater()) {
            assertThat(deflater.deflate(new byte[20])).isEmpty();
            byte[] noise = new byte[1_000];
            new Random(1).nextBytes(noise);
            assertThat(deflater.deflate(noise)).isEmpty();
        }
    }

    @Test
    void closedDeflaterLeavesFramesAsTheyAre() {
        FrameDeflater deflater = new FrameDeflater();
        byte[] frame = new byte[1_000];
        assertThat(deflater.deflate(frame)).isPresent();
        deflater.close();
        deflater.close();
        assertThat(deflater.deflate(frame)).isEmpty();
    }

    @Property(tries = 200)
    void inflatedIsWhatWasDeflated(@ForAll @Size(max = 40) byte[] seed, @ForAll byte times) {
        byte[] frame = new String(seed, StandardCharsets.ISO_8859_1)
                .repeat(Math.abs(times) * 20 + 1)
                .getBytes(StandardCharsets.UTF_8);
        try (FrameDeflater deflater = new FrameDeflater()) {
            deflater.deflate(new byte[500]); // what was before must not matter
            Optional<byte[]> deflated = deflater.deflate(frame);
            deflated.ifPresent(
                    bytes -> assertThat(Inflation.inflate(bytes, DEFAULT_MAX)).isEqualTo(frame));
        }
    }

    private static String heads(TestServer server, String headers) throws IOException {
        try (RawSocket socket = new RawSocket(server.server.port())) {
            return socket.upgradeWhole("/prices", headers);
        }
    }

    private static RawSocket.Frame deflated(RawSocket socket) throws IOException {
        RawSocket.Frame frame = socket.next();
        while (!frame.deflated() || !frame.text().contains("\"delta\"")) {
            frame = socket.next();
        }
        return frame;
    }

    /** JSON under another name, said to be compact. */
    private static final class CompactForm implements WireCodec {
        @Override
        public String subprotocol() {
            return "test.compact";
        }

        @Override
        public boolean isText() {
            return true;
        }

        @Override
        public boolean isCompact() {
            return true;
        }

        @Override
        public MessageCodec encoder() {
            return WireCodec.json().encoder();
        }

        @Override
        public Decoder decoder() {
            return WireCodec.json().decoder();
        }

        @Override
        public ClientCommand command(byte[] frame) {
            return WireCodec.json().command(frame);
        }
    }
}
