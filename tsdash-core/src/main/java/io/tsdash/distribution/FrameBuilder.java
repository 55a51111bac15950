package io.tsdash.distribution;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Puts the messages of one session after another into frames of bounded size. Sessions that owe their clients the
 * same get the same array: one after another that follows the same channels costs a comparison. The hub's thread.
 */
final class FrameBuilder {
    private final Hub hub;
    private MessageCodec codec;
    private SessionOutput output;
    private byte[][] messages = new byte[64][];
    private int count;
    private int bytes;
    private boolean full;
    private final List<Runnable> written = new ArrayList<>(0);

    private byte[][] lastMessages = {};
    private byte[] lastFrame = {};
    private String lastPosition = "";
    private MessageCodec lastCodec;

    FrameBuilder(Hub hub, MessageCodec codec, SessionOutput output) {
        this.hub = hub;
        this.codec = codec;
        this.lastCodec = codec;
        this.output = output;
    }

    /** Begins with the next session. */
    void begin(MessageCodec nextCodec, SessionOutput nextOutput) {
        codec = nextCodec;
        output = nextOutput;
        count = 0;
        bytes = 0;
        full = false;
        written.clear();
    }

    /** Returns whether the session's output has enough. */
    boolean isFull() {
        return full;
    }

    /** Adds a message; an empty one says that the codec has none. */
    void add(byte[] message) {
        if (message.length == 0) {
            return;
        }
        if (count == messages.length) {
            messages = Arrays.copyOf(messages, 2 * count);
        }
        messages[count++] = message;
        bytes += message.length;
        if (bytes >= hub.config().frameBytesMax()) {
            send(false);
            full = output.queuedBytes() >= hub.config().queueBytesMax();
        }
    }

    /** Sets what is done once the message that is added next is on its way. */
    void whenWritten(Runnable task) {
        written.add(task);
    }

    /**
     * Sends what there is.
     *
     * @param complete whether the session has all after it
     */
    void send(boolean complete) {
        if (count > 0) {
            byte[] frame = frame(complete ? hub.position() : "");
            if (written.isEmpty()) {
                output.send(frame);
            } else {
                List<Runnable> tasks = List.copyOf(written);
                written.clear();
                output.send(frame, () -> tasks.forEach(Runnable::run));
            }
            count = 0;
            bytes = 0;
        }
    }

    private byte[] frame(String position) {
        if (codec != lastCodec || !position.equals(lastPosition) || !holdsSame()) {
            byte[][] now = Arrays.copyOf(messages, count);
            lastFrame = codec.frame(List.of(now), position);
            lastMessages = now;
            lastPosition = position;
            lastCodec = codec;
        }
        return lastFrame;
    }

    private boolean holdsSame() {
        if (count != lastMessages.length) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            if (messages[i] != lastMessages[i]) {
                return false;
            }
        }
        return true;
    }
}
