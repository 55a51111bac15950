package io.tsdash.examples.feeds;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Asks an exchange's REST; answers are bounded in time and size. Thread-safe. */
final class RestClient {
    private static final int OK = 200;
    private static final int TOO_MANY = 429;
    private static final int BANNED = 418; // Binance, to who went on after 429
    private static final int SERVER_FAULT = 500;
    private static final long RETRY_AFTER_SECONDS_MAX = 300;

    private final HttpClient http;
    private final Duration timeout;

    RestClient(HttpClient http, Duration timeout) {
        this.http = http;
        this.timeout = timeout;
    }

    /**
     * What came of a request.
     *
     * @param body the answer; empty if there is none
     * @param problem why there is none; empty if there is
     * @param passing whether trying again may help
     * @param waitNanos how long the exchange asks to wait before the next request
     */
    record Answer(String body, String problem, boolean passing, long waitNanos) {}

    /** Asks; the future always gives an answer. */
    CompletableFuture<Answer> get(URI address) {
        HttpRequest request = HttpRequest.newBuilder(address)
                .timeout(timeout)
                .header("Accept", "application/json")
                .header("User-Agent", "tsdash") // Coinbase refuses requests without
                .GET()
                .build();
        return http.sendAsync(request, info -> new BoundedBody())
                .handle((response, failure) -> failure == null ? answer(response) : failed(address, failure));
    }

    private static Answer answer(HttpResponse<String> response) {
        int status = response.statusCode();
        if (status == OK) {
            return new Answer(response.body(), "", false, 0);
        }
        long seconds = response.headers()
                .firstValue("Retry-After")
                .filter(text -> text.matches("\\d{1,6}"))
                .map(Long::parseLong)
                .orElse(0L);
        boolean passing = status == TOO_MANY || status == BANNED || status >= SERVER_FAULT;
        return new Answer(
                "",
                response.uri().getPath() + " answered with status " + status,
                passing,
                Duration.ofSeconds(Math.min(RETRY_AFTER_SECONDS_MAX, seconds)).toNanos());
    }

    private static Answer failed(URI address, Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        String text = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new Answer("", address.getPath() + " gave no answer: " + text, true, 0);
    }

    /** Collects a body up to a bound. */
    private static final class BoundedBody implements HttpResponse.BodySubscriber<String> {
        private static final int BYTES_MAX = 8 << 20;

        private final CompletableFuture<String> whole = new CompletableFuture<>();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private Flow.@Nullable Subscription subscription;

        @Override
        public CompletionStage<String> getBody() {
            return whole;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            given.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> buffers) {
            for (ByteBuffer buffer : buffers) {
                if (bytes.size() + buffer.remaining() > BYTES_MAX) {
                    if (subscription != null) {
                        subscription.cancel();
                    }
                    whole.completeExceptionally(new IOException("more than " + BYTES_MAX + " bytes"));
                    return;
                }
                byte[] part = new byte[buffer.remaining()];
                buffer.get(part);
                bytes.write(part, 0, part.length);
            }
        }

        @Override
        public void onError(Throwable failure) {
            whole.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            whole.complete(bytes.toString(StandardCharsets.UTF_8));
        }
    }
}
