package io.tsdash.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.error.TsdashException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Says of each failure of Redis or of its client whether trying again can help, and what else would. */
final class RedisErrors {
    /** First words of answers that a later try may not get: the server says that it cannot now. */
    private static final Set<String> PASSING = Set.of(
            "LOADING", "BUSY", "TRYAGAIN", "CLUSTERDOWN", "MASTERDOWN", "READONLY", "OOM", "NOREPLICAS", "MISCONF");

    /** First words of answers to one kind of command, such as those that write, which none of its kind would get another of now. */
    private static final Set<String> OF_A_KIND = Set.of("OOM", "READONLY", "NOREPLICAS", "MISCONF", "NOPERM");

    /** First words of answers that the server now gives to most commands, if not to all. */
    private static final Set<String> OF_ALL = Set.of("LOADING", "BUSY", "CLUSTERDOWN", "MASTERDOWN", "NOAUTH");

    private static final int DEPTH_MAX = 10;

    private RedisErrors() {}

    static TsdashException of(String where, String what, Throwable failure) {
        Throwable cause = unwrapped(failure);
        String message = what + " at " + where + ": ";
        if (cause instanceof TsdashException known) {
            return known;
        }
        if (cause instanceof RedisCommandTimeoutException || cause instanceof TimeoutException) {
            return new TransientException(message + "no answer in time; it may have been done or not", cause);
        }
        Optional<String> answer = answer(cause, DEPTH_MAX);
        if (answer.isEmpty()) {
            return new TransientException(
                    message + "not connected: " + deepest(cause).getMessage(), cause);
        }
        String said = answer.get();
        String word = word(said);
        return PASSING.contains(word)
                ? new TransientException(message + said + remedy(word, said), cause)
                : new PermanentException(message + said + remedy(word, said), cause);
    }

    /** Returns whether this says that the server is away, rather than that it did not like the command. */
    static boolean isAway(Throwable failure) {
        return !(unwrapped(failure) instanceof RedisCommandExecutionException);
    }

    /** Returns whether the server refuses all commands of this kind, rather than this one for what it says. */
    static boolean isOfAKind(Throwable failure) {
        return OF_A_KIND.contains(word(String.valueOf(unwrapped(failure).getMessage())));
    }

    /** Returns whether the server refuses commands, whatever they are. */
    static boolean isOfAll(Throwable failure) {
        return OF_ALL.contains(word(String.valueOf(unwrapped(failure).getMessage())));
    }

    private static String word(String said) {
        return said.indexOf(' ') < 0 ? said : said.substring(0, said.indexOf(' '));
    }

    /** Returns what the server answered, which the client wraps when it came while it connected. */
    private static Optional<String> answer(Throwable failure, int depth) {
        if (failure instanceof RedisCommandExecutionException) {
            return Optional.of(String.valueOf(failure.getMessage()));
        }
        Throwable cause = failure.getCause();
        Optional<String> found = cause == null || depth == 0 ? Optional.empty() : answer(cause, depth - 1);
        for (Throwable other : failure.getSuppressed()) {
            found = found.isPresent() || depth == 0 ? found : answer(other, depth - 1);
        }
        return found;
    }

    private static Throwable deepest(Throwable failure) {
        Throwable deepest = failure;
        for (@Nullable Throwable next = failure; next != null; next = next.getCause()) {
            deepest = next;
        }
        return deepest;
    }

    private static String remedy(String word, String said) {
        return switch (word) {
            case "NOAUTH" -> " (set the option password)";
            case "WRONGPASS" -> " (check the options user and password)";
            case "NOPERM" -> " (give this user the right in Redis's access list)";
            case "READONLY" -> " (it is a replica: give the address of its master, or use redis-sentinel://)";
            case "OOM" -> " (set maxmemory-policy of the server to one that evicts)";
            case "WRONGTYPE" -> " (another program keeps something else under this key)";
            case "ERR" -> said.endsWith("cluster support disabled") ? " (use redis://)" : "";
            default -> "";
        };
    }

    private static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure;
        @Nullable Throwable next = cause.getCause();
        while ((cause instanceof ExecutionException || cause instanceof CompletionException) && next != null) {
            cause = next;
            next = cause.getCause();
        }
        return cause;
    }
}
