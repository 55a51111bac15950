package io.tsdash.transport;

import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Inflates messages of clients (RFC 7692 section 7.2.2), up to a bound. Thread-safe. */
final class Inflation {
    private static final int STEP = 4_096;

    private Inflation() {}

    /**
     * Inflates a message.
     *
     * @throws TooLongFrameException as soon as it grows beyond the bound
     * @throws CorruptedWebSocketFrameException if it is not deflated
     */
    static byte[] inflate(byte[] deflated, int bytesMax) {
        Inflater inflater = new Inflater(true);
        try {
            // The sender leaves out the end of a flush: 00 00 ff ff.
            byte[] input = Arrays.copyOf(deflated, deflated.length + 4);
            input[deflated.length + 2] = (byte) 0xff;
            input[deflated.length + 3] = (byte) 0xff;
            inflater.setInput(input);
            return drain(inflater, input, bytesMax);
        } catch (DataFormatException e) {
            throw new CorruptedWebSocketFrameException(
                    WebSocketCloseStatus.INVALID_PAYLOAD_DATA, "message could not be inflated: " + e.getMessage());
        } finally {
            inflater.end();
        }
    }

    private static byte[] drain(Inflater inflater, byte[] input, int bytesMax) throws DataFormatException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(Math.min(bytesMax, STEP));
        byte[] step = new byte[STEP];
        while (true) {
            int count = inflater.inflate(step);
            if (out.size() + count > bytesMax) {
                throw new TooLongFrameException("message was larger than " + bytesMax + " bytes when inflated");
            }
            out.write(step, 0, count);
            int left = inflater.getRemaining();
            if (inflater.finished() && left > 0) {
                // A block that says it is the last may be followed by an empty one (section 7.2.3.4).
                inflater.reset();
                inflater.setInput(input, input.length - left, left);
            } else if (count == 0 && left == 0) {
                return out.toByteArray();
            } else if (count == 0 && inflater.needsDictionary()) {
                throw new DataFormatException("a dictionary is asked for");
            }
        }
    }
}
