package io.tsdash.distribution;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Puts the messages of one session after another into frames of bounded size. Sessions that owe their clients the
 * same get the same array: one after another that follows the same channels costs a comparison. The hub's thread.
 */
final class FrameBuilder {
    /** To tell of each would cost a hundredth of sending it. */
    private static final int FRAMES_PER_TELLING = 16;

    private final Hub hub;
    private MessageCodec codec;
    private SessionOutput output;
    private byte[][] messages = new byte[64][];
    private int count;
    private int bytes;
    private boolean full;
    private final List<Runnable> written = new ArrayList<>(0);
    private long oldestNanos = SessionOutput.NO_EVENT;

    private byte[][] lastMessages = {};
    private byte[] lastFrame = {};
    private String lastPosition = "";
    private long made;
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
        oldestNanos = SessionOutput.NO_EVENT;
    }

    /** Returns whether the session's output has enough. */
    boolean isFull() {
        return full;
    }

    /** Adds a message; an empty one says that the codec has none. */
    void add(byte[] message) {
        add(message, SessionOutput.NO_EVENT);
    }

    /**
     * Adds a message that tells of events.
     *
     * @param oldest the lowest time of them, or {@link SessionOutput#NO_EVENT}
     */
    void add(byte[] message, long oldest) {
        if (message.length == 0) {
            return;
        }
        oldestNanos = Math.min(oldestNanos, oldest);
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
            output.send(frame(complete ? hub.position() : ""), oldestNanos);
            if (!written.isEmpty()) {
                List<Runnable> tasks = List.copyOf(written);
                written.clear();
                output.whenSent(() -> tasks.forEach(Runnable::run));
            }
            count = 0;
            bytes = 0;
            oldestNanos = SessionOutput.NO_EVENT;
        }
    }

    private byte[] frame(String position) {
        if (codec != lastCodec || !position.equals(lastPosition) || !holdsSame()) {
            byte[][] now = Arrays.copyOf(messages, count);
            lastFrame = codec.frame(List.of(now), position);
            if (made++ % FRAMES_PER_TELLING == 0) {
                hub.listener().framed(lastFrame.length);
            }
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
