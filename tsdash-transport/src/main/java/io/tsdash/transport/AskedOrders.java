package io.tsdash.transport;

import io.tsdash.distribution.ServerMessage;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.error.TsdashException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Orders and cancels that wait for their answers, in the order in which they were asked for. One thread at a time. */
final class AskedOrders {
    /** As many as a server lets wait. */
    private static final int WAITING_MAX = 64;

    private final Map<Long, Asked> waiting = new LinkedHashMap<>();
    private @Nullable TsdashException end;

    /** Returns why no more can be asked now; empty if it can. */
    Optional<TsdashException> refusal() {
        if (end == null && waiting.size() >= WAITING_MAX) {
            return Optional.of(new TransientException(WAITING_MAX + " commands wait for their answers"));
        }
        return Optional.ofNullable(end);
    }

    /** Adds a command. */
    CompletableFuture<ServerMessage.OrderAck> add(long id, String text) {
        Asked asked = new Asked(text, new CompletableFuture<>());
        waiting.put(id, asked);
        return asked.answer;
    }

    /** Returns the texts of all that wait. */
    Collection<String> texts() {
        return waiting.values().stream().map(Asked::text).toList();
    }

    void acknowledged(ServerMessage.OrderAck ack) {
        Asked asked = waiting.remove(ack.id());
        if (asked != null) {
            asked.answer.complete(ack);
        }
    }

    /** Takes an error, which may be the answer to another command. */
    void refused(ServerMessage.Failure failure) {
        Asked asked = failure.id().isPresent() ? waiting.remove(failure.id().getAsLong()) : null;
        if (asked != null) {
            String text = failure.code() + " " + failure.message();
            asked.answer.completeExceptionally(
                    failure.retry() ? new TransientException(text) : new PermanentException(text));
        }
    }

    /** Fails all that wait, and all that will be asked for: no answer comes any more. */
    void end(TsdashException failure) {
        if (end == null) {
            end = failure;
            List<Asked> all = List.copyOf(waiting.values());
            waiting.clear();
            all.forEach(asked -> asked.answer.completeExceptionally(failure));
        }
    }

    private record Asked(String text, CompletableFuture<ServerMessage.OrderAck> answer) {}
}
