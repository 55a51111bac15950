package io.tsdash.transport;

import io.tsdash.distribution.ClientCommand;
import io.tsdash.distribution.MessageCodec;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.error.InvalidInputException;
import java.util.List;

/**
 * One form of the wire, which a client chooses by the WebSocket's subprotocol; {@code docs/codecs.md} describes those
 * that are there. Give others to {@link TsdashServerBuilder#codecs} and {@link TsdashClient}.
 *
 * <p>Implementations are thread-safe and hold no state; what they make is owned by whoever asked for it.
 */
public interface WireCodec {

    /** Returns the name that client and server agree on, such as {@code tsdash.v1.json}. */
    String subprotocol();

    /** Returns whether the server's frames are text frames, rather than binary ones. */
    boolean isText();

    /** Returns whether frames are so dense that compressing them is not worth the time. */
    boolean isCompact();

    /** Returns a fresh encoder: one for each server. */
    MessageCodec encoder();

    /** Returns a fresh decoder: one for each client, which keeps it when it reconnects. */
    Decoder decoder();

    /**
     * Reads a client's binary frame; text frames are JSON commands in every form.
     *
     * @return the command; {@link ClientCommand.Malformed} if it cannot be understood
     */
    ClientCommand command(byte[] frame);

    /** Returns all forms, JSON first. */
    static List<WireCodec> all() {
        return List.of(json(), messagePack(), protobuf(), binary());
    }

    /** Returns the form that everyone can read. */
    static WireCodec json() {
        return JsonForm.INSTANCE;
    }

    /** Returns the same objects as JSON's, in MessagePack. */
    static WireCodec messagePack() {
        return MsgPackForm.INSTANCE;
    }

    /** Returns the form of {@code tsdash.proto}, which lies in this library's jar. */
    static WireCodec protobuf() {
        return ProtobufForm.INSTANCE;
    }

    /** Returns the form of the fewest bytes. */
    static WireCodec binary() {
        return BinaryForm.INSTANCE;
    }

    /** Reads a server's frames, in their order. Single-threaded. */
    interface Decoder {
        /**
         * Returns the messages of a frame; kinds that it does not know are passed over.
         *
         * @throws InvalidInputException if the frame is none of this form
         */
        List<ServerMessage> decode(byte[] frame);
    }
}
