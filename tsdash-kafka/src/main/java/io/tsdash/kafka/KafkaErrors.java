package io.tsdash.kafka;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.error.TsdashException;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;

/** Says whether what Kafka's clients report may pass, and what a person can do about it. */
final class KafkaErrors {
    private KafkaErrors() {}

    /**
     * Returns our exception for one of Kafka's.
     *
     * @param doing what was being done, such as {@code describing topic 'trades'}
     */
    static TsdashException translate(String doing, Throwable reported) {
        Throwable cause = reported;
        while ((cause instanceof ExecutionException || cause instanceof CompletionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof TsdashException ours) {
            return ours;
        }
        // The clients wrap what happens in callbacks and while they are made.
        if (cause.getClass() == KafkaException.class && cause.getCause() != null) {
            return translate(doing, cause.getCause());
        }
        String said = doing + ": " + (cause.getMessage() == null ? cause.toString() : cause.getMessage());
        if (cause instanceof ConfigException) {
            return new ConfigurationException(List.of(said));
        }
        if (cause instanceof AuthenticationException) {
            return new PermanentException(
                    said + ". The brokers do not let us in: check security.protocol, sasl.* and ssl.*", cause);
        }
        if (cause instanceof AuthorizationException) {
            return new PermanentException(said + ". The brokers' access rules do not permit it: grant it there", cause);
        }
        if (cause instanceof RecordTooLargeException) {
            return new PermanentException(
                    said + ". Raise max.request.size here and max.message.bytes of the topic, or send less at once",
                    cause);
        }
        if (cause instanceof InterruptException || cause instanceof InterruptedException) {
            Thread.currentThread().interrupt();
            return new TransientException(doing + ": interrupted", cause);
        }
        if (cause instanceof RetriableException || cause instanceof java.util.concurrent.TimeoutException) {
            return new TransientException(said, cause);
        }
        return new PermanentException(said, cause);
    }
}
