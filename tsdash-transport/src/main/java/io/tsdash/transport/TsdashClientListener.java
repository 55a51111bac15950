package io.tsdash.transport;

import io.tsdash.client.Replica;
import io.tsdash.distribution.ServerMessage;

/** Learns what a {@link TsdashClient} receives. Called on one thread at a time; must not block. */
public interface TsdashClientListener {

    /** A message that was applied to the replica, and what it meant. */
    void message(ServerMessage message, Replica.Outcome outcome);

    /** The connection is open or gone; when gone, the client tries again by itself until it is closed. */
    void connection(boolean open, String reason);

    /** Returns a listener that does nothing. */
    static TsdashClientListener none() {
        return new TsdashClientListener() {
            @Override
            public void message(ServerMessage message, Replica.Outcome outcome) {}

            @Override
            public void connection(boolean open, String reason) {}
        };
    }
}
