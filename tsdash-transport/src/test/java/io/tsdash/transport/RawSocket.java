package io.tsdash.transport;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** A socket that says anything, right or wrong. */
final class RawSocket implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 10_000;

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;

    RawSocket(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        out = socket.getOutputStream();
    }

    /** Opens a WebSocket and returns the status line of the answer. */
    String upgrade(String path, String moreHeaders) throws IOException {
        String head = upgradeWhole(path, moreHeaders);
        return head.substring(0, head.indexOf("\r\n"));
    }

    /** Opens a WebSocket and returns the head of the answer. */
    String upgradeWhole(String path, String moreHeaders) throws IOException {
        send("GET " + path + " HTTP/1.1\r\nHost: localhost:1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" + moreHeaders
                + "\r\n");
        return wholeHead();
    }

    void send(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    void bytes(int... bytes) throws IOException {
        byte[] all = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            all[i] = (byte) bytes[i];
        }
        out.write(all);
        out.flush();
    }

    /** Sends a frame with a mask of zeros. */
    void frame(int firstByte, byte[] payload) throws IOException {
        byte[] frame = new byte[payload.length + 14];
        int at = 0;
        frame[at++] = (byte) firstByte;
        if (payload.length < 126) {
            frame[at++] = (byte) (0x80 | payload.length);
        } else if (payload.length <= 0xffff) {
            frame[at++] = (byte) (0x80 | 126);
            frame[at++] = (byte) (payload.length >> 8);
            frame[at++] = (byte) payload.length;
        } else {
            frame[at++] = (byte) (0x80 | 127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                frame[at++] = (byte) ((long) payload.length >> shift);
            }
        }
        at += 4;
        System.arraycopy(payload, 0, frame, at, payload.length);
        out.write(frame, 0, at + payload.length);
        out.flush();
    }

    void text(String text) throws IOException {
        frame(0x81, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Reads the head of an HTTP answer; returns its first line. */
    String head() throws IOException {
        String head = wholeHead();
        return head.substring(0, head.indexOf("\r\n"));
    }

    /** Reads the head of an HTTP answer. */
    String wholeHead() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readUnsignedByte());
        }
        return head.toString();
    }

    /** Reads lines until one is this, and returns it. */
    String line(String wanted) throws IOException {
        StringBuilder line = new StringBuilder();
        while (!line.toString().equals(wanted)) {
            char next = (char) in.readUnsignedByte();
            if (next == '\n') {
                line.setLength(0);
            } else if (next != '\r') {
                line.append(next);
            }
        }
        return wanted;
    }

    /** Waits for an answer for some milliseconds. */
    boolean hasAnswer() throws IOException {
        socket.setSoTimeout(10);
        try {
            in.mark(1);
            in.readUnsignedByte();
            in.reset();
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } finally {
            socket.setSoTimeout(TIMEOUT_MILLIS);
        }
    }

    /** Reads so many bytes as text. */
    String body(int bytes) throws IOException {
        return new String(in.readNBytes(bytes), StandardCharsets.UTF_8);
    }

    /** Reads all until the server closes. */
    String rest() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    /** Reads frames until one holds this; a close frame reads as "close CODE text". */
    String frameWith(String part) throws IOException {
        while (true) {
            String frame = frame();
            if (frame.contains(part)) {
                return frame;
            }
            if (frame.startsWith("close")) {
                throw new IOException("closed before '" + part + "': " + frame);
            }
        }
    }

    /** Reads the next frame, whole as it is. */
    Frame next() throws IOException {
        int first = in.readUnsignedByte();
        long length = in.readUnsignedByte();
        if (length == 126) {
            length = in.readUnsignedShort();
        } else if (length == 127) {
            length = in.readLong();
        }
        byte[] payload = new byte[Math.toIntExact(length)];
        in.readFully(payload);
        return new Frame(first, payload);
    }

    private String frame() throws IOException {
        return next().toString();
    }

    /** Returns whether the server ends the connection, with nothing more to say. */
    boolean isAtEnd() throws IOException {
        return in.read() < 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** A frame of the server. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Frame(int first, byte[] payload) {
        int opcode() {
            return first & 0xf;
        }

        boolean deflated() {
            return (first & 0x40) != 0;
        }

        String text() {
            byte[] plain = deflated() ? Inflation.inflate(payload, 1 << 24) : payload;
            return new String(plain, StandardCharsets.UTF_8);
        }

        @Override
        public String toString() {
            if (opcode() == 8) {
                return payload.length == 0
                        ? "close"
                        : "close " + (((payload[0] & 0xff) << 8) | (payload[1] & 0xff)) + " "
                                + new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
            }
            return text();
        }
    }
}
