package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Says to the server what RFC 6455 and RFC 7692 allow and forbid, over a plain socket, and holds
 * {@code docs/conformance.md} to what it answered. {@code -Dtsdash.conformance.write=true} writes the page.
 */
class ConformanceTest {
    private static final Path PAGE = Path.of("..", "docs", "conformance.md");
    private static final String DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    private static final int TEXT = 0x81;
    private static final int BINARY = 0x82;
    private static final int CLOSE = 0x88;
    private static final int PING = 0x89;
    private static final int PONG = 0x8a;
    private static final int FIRST_TEXT = 0x01;
    private static final int MIDDLE = 0x00;
    private static final int LAST = 0x80;
    private static final int RSV1 = 0x40;
    private static final int RSV2 = 0x20;
    private static final int RSV3 = 0x10;
    private static final String COMMAND = "{\"op\":\"ping\",\"id\":7}";
    private static final String DONE = "does the command";

    private static TestServer server;

    private final List<String> rows = new ArrayList<>();
    private final List<String> wrong = new ArrayList<>();

    @BeforeAll
    static void startServer() {
        server = TestServer.start();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Test
    void serverKeepsTheRulesAndThePageSaysWhatItDid() throws IOException {
        title("Opening handshake (RFC 6455 section 4.2)");
        handshakes();
        title("Frames and messages (section 5)");
        lengths();
        fragments();
        reservedBitsAndOpcodes();
        masks();
        title("Control frames (section 5.5)");
        controlFrames();
        title("Closing handshake (section 7)");
        closing();
        title("Texts are UTF-8 (section 8.1)");
        texts();
        title("Compression (RFC 7692)");
        offers();
        deflated();
        assertThat(wrong).isEmpty();
        String page = head() + String.join("\n", rows) + "\n";
        if (Boolean.getBoolean("tsdash.conformance.write")) {
            Files.writeString(PAGE, page);
        }
        assertThat(Files.readString(PAGE)).isEqualTo(page);
    }

    private void handshakes() throws IOException {
        handshake("a right one", "GET", "HTTP/1.1", "", "101");
        handshake("header names and `Upgrade: WebSocket` in other letters", "GET", "HTTP/1.1", "upper", "101");
        handshake("`Connection: keep-alive, Upgrade`, as Firefox says it", "GET", "HTTP/1.1", "keep-alive", "101");
        handshake("no `Upgrade`", "GET", "HTTP/1.1", "Upgrade", "426, `Upgrade: websocket`");
        handshake("no `Connection: Upgrade`", "GET", "HTTP/1.1", "Connection", "400");
        handshake("no key", "GET", "HTTP/1.1", "Sec-WebSocket-Key", "400");
        handshake("a key of 15 bytes", "GET", "HTTP/1.1", "shortKey", "400");
        handshake("a key that is no base64", "GET", "HTTP/1.1", "badKey", "400");
        handshake("two keys", "GET", "HTTP/1.1", "twoKeys", "400");
        handshake("no version", "GET", "HTTP/1.1", "Sec-WebSocket-Version", "426, `Sec-WebSocket-Version: 13`");
        handshake("version 8", "GET", "HTTP/1.1", "version8", "426, `Sec-WebSocket-Version: 13`");
        handshake("no `Host`", "GET", "HTTP/1.1", "Host", "400");
        handshake("method HEAD", "HEAD", "HTTP/1.1", "", "400");
        handshake("method POST", "POST", "HTTP/1.1", "", "405");
        handshake("HTTP/1.0", "GET", "HTTP/1.0", "", "400");
        handshake(
                "a subprotocol that we have",
                "GET",
                "HTTP/1.1",
                "ours",
                "101, `Sec-WebSocket-Protocol: tsdash.v1.json`");
        handshake("subprotocols that we don't have", "GET", "HTTP/1.1", "theirs", "400");
        handshake("an extension that we don't have", "GET", "HTTP/1.1", "extension", "101");
        handshake("the page of another origin", "GET", "HTTP/1.1", "origin", "403");
    }

    private void lengths() throws IOException {
        frames("an empty text", "says 4400, goes on", socket -> socket.frame(TEXT, new byte[0]));
        frames("a text of 125 bytes", DONE, socket -> socket.text(padded(125)));
        frames("a text of 126 bytes (two bytes of length)", DONE, socket -> socket.text(padded(126)));
        frames("a text of 65535 bytes", DONE, socket -> socket.text(padded(65_535)));
        frames("a text of 65536 bytes (eight bytes of length), the limit", DONE, socket -> socket.text(padded(65_536)));
        frames("a text of 65537 bytes, above the limit", "closes with 4413", socket -> socket.text(padded(65_537)));
        frames(
                "a length of 2^63 - 1",
                "closes with 4413",
                socket -> socket.bytes(TEXT, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0));
        frames(
                "a length of 64 bits with the top bit set",
                "closes with 1002",
                socket -> socket.bytes(TEXT, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0));
        frames(
                "5 bytes with a length of 16 bits",
                "closes with 1002",
                socket -> socket.bytes(TEXT, 0xfe, 0, 5, 0, 0, 0, 0, 1, 2, 3, 4, 5));
        frames(
                "5 bytes with a length of 64 bits",
                "closes with 1002",
                socket -> socket.bytes(TEXT, 0xff, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 1, 2, 3, 4, 5));
        frames("a frame sent byte by byte", DONE, socket -> {
            byte[] payload = bytes(COMMAND);
            socket.bytes(TEXT);
            socket.bytes(0x80 | payload.length);
            for (int i = 0; i < 4; i++) {
                socket.bytes(0);
            }
            for (byte each : payload) {
                socket.bytes(each);
            }
        });
        frames(
                "a binary message on `tsdash.v1.json`",
                "says 4400, goes on",
                socket -> socket.frame(BINARY, bytes(COMMAND)));
    }

    private void fragments() throws IOException {
        frames("a text in two fragments", DONE, socket -> {
            socket.frame(FIRST_TEXT, bytes(COMMAND.substring(0, 5)));
            socket.frame(LAST, bytes(COMMAND.substring(5)));
        });
        frames("a text of one byte a fragment, some of them empty", DONE, socket -> {
            socket.frame(FIRST_TEXT, new byte[0]);
            for (byte each : bytes(COMMAND)) {
                socket.frame(MIDDLE, new byte[] {each});
                socket.frame(MIDDLE, new byte[0]);
            }
            socket.frame(LAST, new byte[0]);
        });
        frames("a ping between fragments", "answers the ping, does the command", socket -> {
            socket.frame(FIRST_TEXT, bytes(COMMAND.substring(0, 5)));
            socket.frame(PING, bytes("between"));
            socket.frame(LAST, bytes(COMMAND.substring(5)));
        });
        frames("a close between fragments", "closes with 1000", socket -> {
            socket.frame(FIRST_TEXT, bytes(COMMAND));
            socket.frame(CLOSE, code(1000, ""));
        });
        frames("fragments above the limit together", "closes with 4413", socket -> {
            byte[] part = bytes(" ".repeat(40_000));
            socket.frame(FIRST_TEXT, part);
            socket.frame(LAST, part);
        });
        frames("a continuation of nothing", "closes with 1002", socket -> socket.frame(LAST, bytes(COMMAND)));
        frames("a new text within a fragmented one", "closes with 1002", socket -> {
            socket.frame(FIRST_TEXT, bytes("{"));
            socket.frame(TEXT, bytes(COMMAND));
        });
    }

    private void reservedBitsAndOpcodes() throws IOException {
        frames("RSV1 without an extension", "closes with 1002", socket -> socket.frame(TEXT | RSV1, bytes(COMMAND)));
        frames("RSV2", "closes with 1002", socket -> socket.frame(TEXT | RSV2, bytes(COMMAND)));
        frames("RSV3 on a ping", "closes with 1002", socket -> socket.frame(PING | RSV3, new byte[0]));
        for (int opcode : new int[] {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
            frames("opcode " + opcode, "closes with 1002", socket -> socket.frame(0x80 | opcode, new byte[0]));
        }
    }

    private void masks() throws IOException {
        frames("a text that is not masked", "closes with 1002", socket -> {
            socket.bytes(TEXT, COMMAND.length());
            socket.send(COMMAND);
        });
        frames("a ping that is not masked", "closes with 1002", socket -> socket.bytes(PING, 0));
        frames("a text with a mask that changes its bytes", DONE, socket -> {
            byte[] payload = bytes(COMMAND);
            int[] mask = {0x12, 0xff, 0x80, 0x01};
            socket.bytes(TEXT, 0x80 | payload.length, mask[0], mask[1], mask[2], mask[3]);
            for (int i = 0; i < payload.length; i++) {
                socket.bytes(payload[i] ^ mask[i % 4]);
            }
        });
    }

    private void controlFrames() throws IOException {
        frames("a ping", "answers the ping", socket -> socket.frame(PING, new byte[0]));
        frames("a ping with a payload", "answers the ping 'hello'", socket -> socket.frame(PING, bytes("hello")));
        frames("a ping with 125 bytes", "answers the ping of 125", socket -> socket.frame(PING, new byte[125]));
        frames("a ping with 126 bytes", "closes with 1002", socket -> socket.frame(PING, new byte[126]));
        frames("a ping in fragments", "closes with 1002", socket -> socket.frame(PING & 0x7f, bytes("x")));
        frames("ten pings at once", "answers the pings 0 to 9", socket -> {
            for (int i = 0; i < 10; i++) {
                socket.frame(PING, bytes("" + i));
            }
        });
        frames("a pong that nobody asked for, then a command", DONE, socket -> {
            socket.frame(PONG, bytes("?"));
            socket.text(COMMAND);
        });
        frames("a close of 126 bytes", "closes with 1002", socket -> socket.frame(CLOSE, code(1000, "x".repeat(124))));
        frames("a close in fragments", "closes with 1002", socket -> socket.frame(CLOSE & 0x7f, code(1000, "")));
    }

    private void closing() throws IOException {
        frames("a close without a code", "closes without a code", socket -> socket.frame(CLOSE, new byte[0]));
        frames("a close with half a code", "closes with 1002", socket -> socket.frame(CLOSE, new byte[] {3}));
        for (int code : new int[] {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014}) {
            frames("code " + code, "closes with " + code, socket -> socket.frame(CLOSE, code(code, "")));
        }
        for (int code : new int[] {3000, 3999, 4000, 4999}) {
            frames("code " + code, "closes with " + code, socket -> socket.frame(CLOSE, code(code, "bye")));
        }
        for (int code : new int[] {0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65_535}) {
            frames("code " + code, "closes with 1002", socket -> socket.frame(CLOSE, code(code, "")));
        }
        frames(
                "a close with a reason of 123 bytes",
                "closes with 1000",
                socket -> socket.frame(CLOSE, code(1000, "x".repeat(123))));
        frames("a command after a close", "closes with 1000", socket -> {
            socket.frame(CLOSE, code(1000, ""));
            socket.text(COMMAND);
        });
        frames("two closes", "closes with 1000", socket -> {
            socket.frame(CLOSE, code(1000, ""));
            socket.frame(CLOSE, code(1001, ""));
        });
        frames("a broken frame, then a command and a close", "closes with 1002", socket -> {
            socket.frame(TEXT | RSV3, bytes(COMMAND));
            socket.text(COMMAND);
            socket.frame(CLOSE, code(1002, ""));
        });
    }

    private void texts() throws IOException {
        frames(
                "a text with signs of 1 to 4 bytes",
                DONE,
                socket -> socket.text("{\"op\":\"ping\",\"id\":7,\"x\":\"aß€😀\"}"));
        frames("a sign cut in two by a fragment", DONE, socket -> {
            byte[] all = bytes("{\"op\":\"ping\",\"id\":7,\"x\":\"😀\"}");
            int cut = all.length - 4;
            socket.frame(FIRST_TEXT, Arrays.copyOf(all, cut));
            socket.frame(LAST, Arrays.copyOfRange(all, cut, all.length));
        });
        badText("a byte that begins nothing", 0x80);
        badText("a sign that ends too soon", 0xe2, 0x82);
        badText("a slash in two bytes", 0xc0, 0xaf);
        badText("a surrogate", 0xed, 0xa0, 0x80);
        badText("above U+10FFFF", 0xf4, 0x90, 0x80, 0x80);
        badText("0xff", 0xff);
        frames("bad UTF-8 in a second fragment", "closes with 1007", socket -> {
            socket.frame(FIRST_TEXT, bytes("{"));
            socket.frame(LAST, new byte[] {(byte) 0xff});
        });
        frames(
                "bad UTF-8 in the reason of a close",
                "closes with 1007",
                socket -> socket.frame(CLOSE, new byte[] {3, (byte) 0xe8, (byte) 0xff}));
    }

    private void badText(String name, int... bad) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        text.writeBytes(bytes("{\"op\":\"ping\",\"id\":7,\"x\":\""));
        for (int each : bad) {
            text.write(each);
        }
        text.writeBytes(bytes("\"}"));
        frames(name, "closes with 1007", socket -> socket.frame(TEXT, text.toByteArray()));
    }

    private void offers() throws IOException {
        String taken = "agrees, both sides without takeover";
        offer("permessage-deflate", taken);
        offer("permessage-deflate; client_max_window_bits", taken);
        offer("permessage-deflate; server_no_context_takeover; client_max_window_bits=12", taken);
        offer("permessage-deflate; server_max_window_bits=15", taken);
        offer("permessage-deflate; server_max_window_bits=10, permessage-deflate", taken);
        offer("permessage-deflate; server_max_window_bits=10", "goes without");
        offer("permessage-deflate; client_max_window_bits=16", "goes without");
        offer("permessage-deflate; server_no_context_takeover=1", "goes without");
        offer("permessage-deflate; unheard_of", "goes without");
        offer("x-webkit-deflate-frame", "goes without");
    }

    private void deflated() throws IOException {
        deflated("a command deflated", DONE, socket -> socket.frame(TEXT | RSV1, deflate(COMMAND)));
        deflated("a command as it is", DONE, socket -> socket.text(COMMAND));
        deflated("two commands that do not build on each other", DONE, socket -> {
            socket.frame(TEXT | RSV1, deflate("{\"op\":\"fly\",\"id\":1}"));
            socket.frame(TEXT | RSV1, deflate(COMMAND));
        });
        deflated("a deflated command in fragments, a ping between", "answers the ping, does the command", socket -> {
            byte[] all = deflate(COMMAND);
            socket.frame(FIRST_TEXT | RSV1, Arrays.copyOf(all, 3));
            socket.frame(PING, bytes("between"));
            socket.frame(LAST, Arrays.copyOfRange(all, 3, all.length));
        });
        deflated("a block that says it is the last (section 7.2.3.4)", DONE, socket -> {
            byte[] all = finished(COMMAND);
            socket.frame(TEXT | RSV1, Arrays.copyOf(all, all.length + 1));
        });
        deflated("a block that is not compressed (section 7.2.3.3)", DONE, socket -> {
            byte[] plain = bytes(COMMAND);
            ByteArrayOutputStream stored = new ByteArrayOutputStream();
            stored.writeBytes(new byte[] {0, (byte) plain.length, 0, (byte) ~plain.length, (byte) 0xff});
            stored.writeBytes(plain);
            stored.write(0);
            socket.frame(TEXT | RSV1, stored.toByteArray());
        });
        deflated("RSV1 on a continuation", "closes with 1002", socket -> {
            byte[] all = deflate(COMMAND);
            socket.frame(FIRST_TEXT | RSV1, Arrays.copyOf(all, 3));
            socket.frame(LAST | RSV1, Arrays.copyOfRange(all, 3, all.length));
        });
        deflated("RSV1 on a ping", "closes with 1002", socket -> socket.frame(PING | RSV1, new byte[0]));
        deflated("RSV1 on a close", "closes with 1002", socket -> socket.frame(CLOSE | RSV1, code(1000, "")));
        deflated("RSV2", "closes with 1002", socket -> socket.frame(TEXT | RSV2, bytes(COMMAND)));
        deflated(
                "bytes that are not deflated",
                "closes with 1007",
                socket -> socket.frame(TEXT | RSV1, bytes("\u0007no")));
        deflated(
                "bad UTF-8, deflated",
                "closes with 1007",
                socket -> socket.frame(TEXT | RSV1, deflate(new byte[] {(byte) 0xff})));
        deflated(
                "a bomb: 60 kB that become 60 MB",
                "closes with 4413",
                socket -> socket.frame(TEXT | RSV1, deflate(" ".repeat(60_000_000))));
    }

    private void title(String title) {
        rows.add((rows.isEmpty() ? "" : "\n") + "## " + title + "\n");
        rows.add("| the client sends | the server |");
        rows.add("| --- | --- |");
    }

    private static String head() {
        return """
                # Conformance of the WebSocket server

                What our server did when a plain socket sent it what RFC 6455 and RFC 7692 allow and forbid. `ConformanceTest` runs every line, fails if one is not as it should be, and fails if this
                page differs from the run; `./mvnw -pl tsdash-transport -am test -Dtest=ConformanceTest -Dsurefire.failIfNoSpecifiedTests=false -Dtsdash.conformance.write=true` writes it anew.

                After a close that the server begins it waits a second for the client's own, then ends the connection; nothing that comes after is read. A message, its fragments joined and inflated, has the
                same limit as a frame. Whether a text is UTF-8 is told when it is whole.

                """;
    }

    private void handshake(String name, String method, String version, String change, String expected)
            throws IOException {
        StringBuilder request = new StringBuilder(method + " /prices " + version + "\r\n");
        header(request, change, "Host", "localhost");
        header(request, change, "Upgrade", change.equals("upper") ? "WebSocket" : "websocket");
        header(request, change, "Connection", change.equals("keep-alive") ? "keep-alive, Upgrade" : "Upgrade");
        header(
                request,
                change,
                "Sec-WebSocket-Key",
                switch (change) {
                    case "shortKey" -> Base64.getEncoder().encodeToString(new byte[15]);
                    case "badKey" -> "!!!!";
                    default -> "dGhlIHNhbXBsZSBub25jZQ==";
                });
        header(request, change, "Sec-WebSocket-Version", change.equals("version8") ? "8" : "13");
        request.append(
                switch (change) {
                    case "twoKeys" -> "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
                    case "ours" -> "Sec-WebSocket-Protocol: chess, tsdash.v1.json\r\n";
                    case "theirs" -> "Sec-WebSocket-Protocol: chess, tsdash.v0.json\r\n";
                    case "extension" -> "Sec-WebSocket-Extensions: x-unheard-of\r\n";
                    case "origin" -> "Origin: https://evil.example\r\n";
                    default -> "";
                });
        try (RawSocket socket = new RawSocket(server.server.port())) {
            socket.send(change.equals("upper") ? upper(request) : request + "\r\n");
            String answer = socket.wholeHead();
            String got = answer.substring(9, 12);
            if (got.equals("101")) {
                assertThat(answer).as(name).containsIgnoringCase("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
            }
            got += change.equals("ours") ? said(answer, "Sec-WebSocket-Protocol: tsdash.v1.json") : "";
            got += change.equals("Upgrade") ? said(answer, "Upgrade: websocket") : "";
            got += change.contains("ersion") ? said(answer, "Sec-WebSocket-Version: 13") : "";
            row(name, expected, got);
        }
    }

    private static String upper(CharSequence request) {
        return request.toString().replace("Sec-WebSocket", "SEC-WEBSOCKET").replace("Upgrade:", "UPGRADE:") + "\r\n";
    }

    private static void header(StringBuilder request, String change, String name, String value) {
        if (!change.equals(name)) {
            request.append(name).append(": ").append(value).append("\r\n");
        }
    }

    private static String said(String answer, String header) {
        return answer.toLowerCase(Locale.ROOT).contains(header.toLowerCase(Locale.ROOT)) ? ", `" + header + "`" : "";
    }

    private void offer(String offer, String expected) throws IOException {
        try (RawSocket socket = new RawSocket(server.server.port())) {
            String answer = socket.upgradeWhole("/prices", "Sec-WebSocket-Extensions: " + offer + "\r\n");
            String said = answer.toLowerCase(Locale.ROOT);
            String got = "fails";
            if (said.contains(
                    "sec-websocket-extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n")) {
                got = "agrees, both sides without takeover";
            } else if (said.startsWith("http/1.1 101") && !said.contains("sec-websocket-extensions")) {
                got = "goes without";
            }
            row("the offer `" + offer + "`", expected, got);
        }
    }

    private void frames(String name, String expected, Script script) throws IOException {
        frames(name, "", expected, script);
    }

    private void deflated(String name, String expected, Script script) throws IOException {
        frames(name, DEFLATE, expected, script);
    }

    private void frames(String name, String headers, String expected, Script script) throws IOException {
        try (RawSocket socket = new RawSocket(server.server.port())) {
            assertThat(socket.upgrade("/prices", headers)).contains("101");
            script.run(socket);
            row(name, expected, heard(socket, expected));
        }
    }

    /** Reads until the server has done something that one can see. */
    private static String heard(RawSocket socket, String expected) throws IOException {
        String got = "";
        try {
            while (true) {
                RawSocket.Frame frame = socket.next();
                String text = frame.toString();
                if (frame.opcode() == 8) {
                    if (!answered(socket, frame)) {
                        return got + "says more after its close";
                    }
                    return got
                            + (frame.payload().length == 0
                                    ? "closes without a code"
                                    : "closes with " + text.substring(6, text.indexOf(' ', 6)));
                } else if (frame.opcode() == 10) {
                    got += pong(frame);
                    if (expected.equals("answers the pings 0 to 9")) {
                        got = got.replace("answers the ping '0'", "answers the pings 0")
                                .replaceAll(" to \\d|answers the ping (?='\\d)", "")
                                .replaceAll("'(\\d)'", " to $1");
                    }
                } else if (text.contains("\"pong\"")) {
                    return got + (got.isEmpty() ? "" : ", ") + DONE;
                } else if (text.contains("\"error\"") && !text.contains("must be subscribe")) {
                    socket.text(COMMAND);
                    socket.frameWith("\"pong\"");
                    return got + "says " + text.replaceAll("(?s).*\"code\":(\\d+).*", "$1") + ", goes on";
                }
                if (got.equals(expected)) {
                    return got;
                }
            }
        } catch (EOFException e) {
            return got + "ends without a word";
        }
    }

    /** Answers a close; returns whether the server then ends the connection. */
    private static boolean answered(RawSocket socket, RawSocket.Frame close) {
        try {
            socket.frame(CLOSE, Arrays.copyOf(close.payload(), Math.min(2, close.payload().length)));
            return socket.isAtEnd();
        } catch (IOException e) {
            return true; // it was gone already
        }
    }

    private static String pong(RawSocket.Frame frame) {
        String text = frame.text();
        if (text.isEmpty() || text.equals("between")) {
            return "answers the ping";
        }
        return frame.payload().length > 100
                ? "answers the ping of " + frame.payload().length
                : "answers the ping '" + text + "'";
    }

    private void row(String name, String expected, String got) {
        rows.add("| " + name + " | " + got + " |");
        if (!got.equals(expected)) {
            wrong.add(name + ": expected '" + expected + "' but the server '" + got + "'");
        }
    }

    private static String padded(int length) {
        return COMMAND + " ".repeat(length - COMMAND.length());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] code(int code, String reason) {
        byte[] text = bytes(reason);
        byte[] payload = new byte[2 + text.length];
        payload[0] = (byte) (code >> 8);
        payload[1] = (byte) code;
        System.arraycopy(text, 0, payload, 2, text.length);
        return payload;
    }

    private static byte[] deflate(String text) {
        return deflate(bytes(text));
    }

    private static byte[] deflate(byte[] plain) {
        byte[] all = deflate(plain, Deflater.SYNC_FLUSH, false);
        return Arrays.copyOf(all, all.length - 4);
    }

    private static byte[] finished(String text) {
        return deflate(bytes(text), Deflater.NO_FLUSH, true);
    }

    private static byte[] deflate(byte[] plain, int flush, boolean finish) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        deflater.setInput(plain);
        if (finish) {
            deflater.finish();
        }
        byte[] out = new byte[100_000];
        int length = deflater.deflate(out, 0, out.length, flush);
        deflater.end();
        return Arrays.copyOf(out, length);
    }

    /** What a client says. */
    @FunctionalInterface
    private interface Script {
        void run(RawSocket socket) throws IOException;
    }
}
