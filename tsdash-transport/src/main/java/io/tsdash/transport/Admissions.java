package io.tsdash.transport;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.tsdash.distribution.Access;
import io.tsdash.distribution.Permissions;
import io.tsdash.resilience.RateDecision;
import io.tsdash.transport.access.Authentication;
import io.tsdash.transport.access.Grant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Finds out who sends a request, and counts what its user has; whoever is refused is told of. Thread-safe. */
@SuppressWarnings("FutureReturnValueIgnored") // listeners of a channel's end
final class Admissions {
    private static final String BEARER = "Bearer ";

    private final Gate gate;

    Admissions(Gate gate) {
        this.gate = gate;
    }

    /**
     * Goes on when it is known who asks; nobody is known on a server that asks nobody. Who is refused gets the answer.
     *
     * @param needed whether there must be a token
     */
    void whenKnown(Exchange exchange, boolean needed, Consumer<Optional<Grant>> then) {
        String header = exchange.request().headers().get(HttpHeaderNames.AUTHORIZATION);
        if (gate.isOpen() || (header == null && !needed)) {
            then.accept(Optional.empty());
            return;
        }
        if (header == null || !header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            throw told(
                    exchange.channel(),
                    "",
                    ProblemException.unauthenticated("Authorization was not 'Bearer TOKEN' but it must be"));
        }
        String token = header.substring(BEARER.length()).strip();
        exchange.retain();
        gate.authenticate(
                token, answer -> exchange.later(() -> then.accept(Optional.of(granted(exchange.channel(), answer)))));
    }

    private Grant granted(Channel channel, Authentication answer) {
        if (answer instanceof Authentication.Granted granted) {
            return granted.grant();
        }
        throw answer instanceof Authentication.Refused refused
                ? told(channel, "", ProblemException.unauthenticated(refused.reason()))
                : ProblemException.unavailable(((Authentication.Unavailable) answer).reason());
    }

    /** Counts a request, and goes on when it may pass; its answer says how the limit stands. */
    void whenCounted(Exchange exchange, Optional<Grant> grant, Runnable then) {
        if (gate.hasLimiter()) {
            exchange.retain();
            gate.limit(
                    exchange.channel(),
                    grant,
                    decision -> exchange.later(() -> {
                        pass(
                                exchange,
                                grant,
                                decision.orElseThrow(() ->
                                        ProblemException.unavailable("requests cannot be counted now: try again")));
                        then.run();
                    }));
            return;
        }
        grant.ifPresent(known -> pass(exchange, grant, gate.quotas().message(known)));
        then.run();
    }

    private void pass(Exchange exchange, Optional<Grant> grant, RateDecision decision) {
        exchange.counted(decision);
        if (!decision.allowed()) {
            gate.limited(exchange.channel(), grant);
            throw ProblemException.tooMany("requests come faster than they may");
        }
    }

    /** Counts a connection of a user who is known, until it ends. */
    SocketCommands.@Nullable Admission admit(Channel channel, Optional<Grant> grant) {
        if (grant.isEmpty()) {
            return null;
        }
        SocketCommands.Admission admission = gate.quotas()
                .connect(grant.get())
                .map(lease -> new SocketCommands.Admission(grant.get(), lease))
                .orElseThrow(() -> told(
                        channel,
                        grant.get().user(),
                        ProblemException.tooMany(SocketCommands.tooManyConnections(grant.get()))));
        channel.closeFuture().addListener(done -> admission.lease().release());
        return admission;
    }

    /** Returns what may be seen: nothing yet by someone who is not known and must be. */
    Access access(Channel channel, SocketCommands.@Nullable Admission admission) {
        if (admission != null) {
            return admission.access(gate, channel);
        }
        return gate.isOpen() ? Access.open() : Access.none();
    }

    /** Checks what a user who is known may do; who may not is told of. */
    void permit(Channel channel, Optional<Grant> grant, Consumer<Permissions> check) {
        grant.ifPresent(known -> {
            try {
                check.accept(known.permissions());
            } catch (ProblemException e) {
                throw told(channel, known.user(), e);
            }
        });
    }

    /** Checks which page has a request sent; whose page is of a foreign origin is told of. */
    void checkOrigin(Exchange exchange, Optional<Grant> grant, Set<String> allowed) {
        try {
            WebSocketHandshake.checkOrigin(exchange.request(), allowed);
        } catch (ProblemException e) {
            throw told(exchange.channel(), grant.map(Grant::user).orElse(""), e);
        }
    }

    /** Tells the listener, and returns the problem. */
    ProblemException told(Channel channel, String user, ProblemException problem) {
        gate.refused(channel, user, problem.code(), String.valueOf(problem.getMessage()));
        return problem;
    }
}
