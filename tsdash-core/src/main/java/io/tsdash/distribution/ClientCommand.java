package io.tsdash.distribution;

import java.util.List;
import java.util.OptionalLong;

/**
 * What a client says to its session, free of any codec; {@code docs/protocol.md} section 3 says what each means.
 *
 * <p>Immutable.
 */
public sealed interface ClientCommand permits SubscribeCommand, ClientCommand.Control {

    /** A command that is no subscription. */
    sealed interface Control extends ClientCommand {}

    /**
     * Ends subscriptions.
     *
     * @param id comes back with the answer
     * @param channels as they were subscribed to; one that is not there is no error
     */
    record Unsubscribe(long id, List<String> channels) implements Control {
        /** Copies the list. */
        public Unsubscribe {
            channels = List.copyOf(channels);
        }
    }

    /**
     * Asks for a sign of life.
     *
     * @param id comes back with the answer
     */
    record Ping(long id) implements Control {}

    /**
     * Asks for checksums of state channels.
     *
     * @param id comes back with each
     * @param channels that the session has
     */
    record Checksum(long id, List<String> channels) implements Control {
        /** Copies the list. */
        public Checksum {
            channels = List.copyOf(channels);
        }
    }

    /**
     * A command that could not be understood; the session answers it in its turn.
     *
     * @param id of the command, if that could be read
     * @param message what, value and rule
     */
    record Malformed(OptionalLong id, String message) implements Control {}
}
