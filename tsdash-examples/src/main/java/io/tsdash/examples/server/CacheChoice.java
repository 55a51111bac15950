package io.tsdash.examples.server;

import io.tsdash.resilience.RateLimit;
import java.util.List;
import java.util.Optional;

/**
 * Where what readers ask for is kept close, and how often they may ask.
 *
 * @param address of the Redis that several servers share, such as {@code redis://127.0.0.1:6379}; empty: on this server alone
 * @param limits what each user, or address, may ask for; all of them hold; none: as the user's token says
 */
public record CacheChoice(Optional<String> address, List<RateLimit> limits) {

    /** Keeps its own copy. */
    public CacheChoice {
        limits = List.copyOf(limits);
    }
}
