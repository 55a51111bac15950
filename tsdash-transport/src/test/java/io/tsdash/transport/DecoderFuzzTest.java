package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.tsdash.distribution.ClientCommand;
import io.tsdash.error.InvalidInputException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Gives every decoder frames that are broken: good ones with bits turned, bytes put in and taken out, parts of two
 * joined, and noise. None may fail in another way than it says, or allocate much more than it was given.
 */
class DecoderFuzzTest {
    private static final Path VECTORS = Path.of("src", "test", "resources", "vectors");
    private static final Pattern HEX = Pattern.compile("\"(?:hex|tsdash[^\"]*)\":\"([0-9a-f]*)\"");
    private static final Pattern COMMAND = Pattern.compile("\"command\":(\\{.*}),\n");
    /** Frames to try on each decoder: {@code -Dtsdash.fuzz=10000000} for ten million. */
    private static final int TRIES = Integer.getInteger("tsdash.fuzz", 30_000);

    private static final long ALLOCATED_PER_BYTE = 500;
    private static final long ALLOCATED_ANYWAY = 200_000;
    private static final int[] TELLING = {0, 1, 0x7f, 0x80, 0xff, 0xc1, 0xd3, 0xdc, 0xdd, 0xde, 0xdf, 0xdb, 0x5b, 0x7b};

    static List<WireCodec> forms() {
        return WireCodec.all();
    }

    @ParameterizedTest
    @MethodSource("forms")
    void brokenFramesOfServersAreRefused(WireCodec form) throws IOException {
        List<byte[]> good = hex(form.subprotocol() + ".json");
        fuzz(good, frame -> {
            WireCodec.Decoder decoder = form.decoder();
            try {
                decoder.decode(good.get(frame.length % good.size()));
            } catch (InvalidInputException e) {
                // a compact frame without those before it
            }
            decoder.decode(frame);
        });
    }

    @ParameterizedTest
    @MethodSource("forms")
    void brokenBinaryCommandsAreMalformed(WireCodec form) throws IOException {
        fuzz(hex("commands.json"), frame -> assertThat(form.command(frame)).isNotNull());
    }

    @Test
    void brokenJsonCommandsAreMalformed() throws IOException {
        List<byte[]> good = new ArrayList<>();
        Matcher commands = COMMAND.matcher(Files.readString(VECTORS.resolve("commands.json")));
        while (commands.find()) {
            good.add(commands.group(1).getBytes(StandardCharsets.UTF_8));
        }
        assertThat(good).isNotEmpty();
        good.forEach(each -> assertThat(CommandReader.read(each)).isNotInstanceOf(ClientCommand.Malformed.class));
        fuzz(good, frame -> assertThat(CommandReader.read(frame)).isNotNull());
    }

    @Test
    void brokenDeflatedMessagesAreRefused() {
        List<byte[]> good = new ArrayList<>();
        try (FrameDeflater deflater = new FrameDeflater()) {
            for (String text : List.of("a".repeat(200), "{\"op\":\"ping\",\"id\":7} ".repeat(50), "x".repeat(60_000))) {
                good.add(deflater.deflate(text.getBytes(StandardCharsets.UTF_8)).orElseThrow());
            }
        }
        fuzz(good, frame -> {
            try {
                assertThat(Inflation.inflate(frame, 1 << 16)).hasSizeLessThanOrEqualTo(1 << 16);
            } catch (TooLongFrameException | CorruptedWebSocketFrameException e) {
                // as it says
            }
        });
    }

    @Test
    void brokenAddressesAndHeadersAreRefused() {
        List<byte[]> good = List.of(
                "/historical/bars?symbol=X%3AY&interval=1d%40America%2FNew_York~1700&from=5&limit=10"
                        .getBytes(StandardCharsets.UTF_8),
                "permessage-deflate; client_max_window_bits=12; server_no_context_takeover, x"
                        .getBytes(StandardCharsets.UTF_8));
        fuzz(good, frame -> {
            String text = new String(frame, StandardCharsets.ISO_8859_1);
            DeflateExtension.isOffered(text);
            try {
                Query query = Query.of(text);
                query.only("symbol", "interval", "from", "limit");
                query.time("from");
                query.limit();
                query.interval();
            } catch (ProblemException e) {
                // as it says
            }
        });
    }

    private static void fuzz(List<byte[]> good, Consumer<byte[]> decoder) {
        long seed = LocalDate.now(ZoneOffset.UTC).toEpochDay();
        Random random = new Random(seed);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < TRIES; i++) {
            byte[] frame = broken(good, random);
            long bound = ALLOCATED_ANYWAY + ALLOCATED_PER_BYTE * frame.length;
            try {
                // What is loaded at first use counts too, so only what is above the bound again and again is.
                long least = Long.MAX_VALUE;
                for (int n = 0; n < 5 && least > bound; n++) {
                    long before = threads.getCurrentThreadAllocatedBytes();
                    attempt(decoder, frame);
                    least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
                }
                assertThat(least).as("bytes allocated").isLessThanOrEqualTo(bound);
            } catch (RuntimeException | Error e) {
                throw new AssertionError(
                        "try " + i + " of seed " + seed + ": " + HexFormat.of().formatHex(frame), e);
            }
        }
    }

    private static void attempt(Consumer<byte[]> decoder, byte[] frame) {
        try {
            decoder.accept(frame);
        } catch (InvalidInputException e) {
            // as it says
        }
    }

    private static byte[] broken(List<byte[]> good, Random random) {
        byte[] frame = good.get(random.nextInt(good.size())).clone();
        if (random.nextInt(20) == 0) {
            frame = new byte[random.nextInt(60)];
            random.nextBytes(frame);
        }
        for (int n = random.nextInt(4); n >= 0 && frame.length > 0; n--) {
            int at = random.nextInt(frame.length);
            switch (random.nextInt(7)) {
                case 0 -> frame[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> frame[at] = (byte) random.nextInt(256);
                case 2 -> frame[at] = (byte) TELLING[random.nextInt(TELLING.length)];
                case 3 -> frame = Arrays.copyOf(frame, at);
                case 4 -> frame = joined(Arrays.copyOf(frame, at), Arrays.copyOfRange(frame, at + 1, frame.length));
                case 5 -> {
                    byte[] more = new byte[1 + random.nextInt(5)];
                    Arrays.fill(more, (byte) TELLING[random.nextInt(TELLING.length)]);
                    frame = joined(joined(Arrays.copyOf(frame, at), more), Arrays.copyOfRange(frame, at, frame.length));
                }
                default -> {
                    byte[] other = good.get(random.nextInt(good.size()));
                    frame = joined(
                            Arrays.copyOf(frame, at),
                            Arrays.copyOfRange(other, random.nextInt(other.length), other.length));
                }
            }
        }
        return frame;
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static List<byte[]> hex(String file) throws IOException {
        List<byte[]> frames = new ArrayList<>();
        Matcher hex = HEX.matcher(Files.readString(VECTORS.resolve(file)));
        while (hex.find()) {
            frames.add(HexFormat.of().parseHex(hex.group(1)));
        }
        assertThat(frames).isNotEmpty();
        return frames;
    }
}
