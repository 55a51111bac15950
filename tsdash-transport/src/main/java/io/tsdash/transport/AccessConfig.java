package io.tsdash.transport;

import io.tsdash.resilience.KeyedRateLimiter;
import io.tsdash.transport.access.AccessListener;
import io.tsdash.transport.access.Authenticator;
import java.time.Duration;
import java.util.Optional;

/**
 * Who may come in; the server's builder says what each means.
 *
 * @param authenticator reads tokens; empty where nobody is asked who they are
 * @param within how soon a WebSocket's client must have said who it is
 * @param listener learns who was refused
 * @param limiter of requests, in place of what grants say; empty where they do
 */
record AccessConfig(
        Optional<Authenticator> authenticator,
        Duration within,
        AccessListener listener,
        Optional<KeyedRateLimiter> limiter) {}
