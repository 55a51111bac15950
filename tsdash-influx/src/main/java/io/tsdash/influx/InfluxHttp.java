package io.tsdash.influx;

import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.error.TsdashException;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/**
 * Sends requests and says of each failure on the wire whether trying again can help.
 *
 * <p>The timeout spans the whole exchange, so a server that stops half way through its answer does not hold the caller.
 * Thread-safe.
 */
final class InfluxHttp {
    private final InfluxOptions options;
    private final HttpClient client;

    InfluxHttp(InfluxOptions options) {
        this.options = options;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(options.connectTimeout())
                .build();
    }

    /** An answer, whatever its status. */
    static final class Reply {
        private final int status;
        private final byte[] body;
        private final String version;

        private Reply(HttpResponse<byte[]> response) {
            this.status = response.statusCode();
            this.body = response.body();
            this.version = response.headers().firstValue("X-Influxdb-Version").orElse("");
        }

        int status() {
            return status;
        }

        byte[] body() {
            return body;
        }

        /** Returns which version the server says it is; empty where it says none. */
        String version() {
            return version;
        }

        String text() {
            return new String(body, StandardCharsets.UTF_8).strip();
        }
    }

    /** Returns a request to an address, to be given its method. */
    HttpRequest.Builder request(URI address, Optional<String> authorization) {
        HttpRequest.Builder request = HttpRequest.newBuilder(address);
        authorization.ifPresent(value -> request.header("Authorization", value));
        return request;
    }

    Reply send(HttpRequest request) {
        CompletableFuture<HttpResponse<byte[]>> exchange =
                client.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray());
        try {
            HttpResponse<byte[]> response =
                    exchange.get(options.requestTimeout().toNanos(), TimeUnit.NANOSECONDS);
            return new Reply(response);
        } catch (ExecutionException e) {
            throw onTheWire(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException | CancellationException e) {
            exchange.cancel(true);
            throw noAnswer(e);
        } catch (InterruptedException e) {
            exchange.cancel(true);
            Thread.currentThread().interrupt();
            throw new TransientException(where() + "was not waited for: the calling thread was interrupted", e);
        }
    }

    /** Returns what a status and its text mean; for those that are no success. */
    TsdashException refused(Reply reply) {
        String text = reply.text();
        String said = " (HTTP " + reply.status() + ": " + shortened(text) + ")";
        return switch (reply.status()) {
            case 401 ->
                new PermanentException(
                        where() + "does not take these credentials: check user and password, or token" + said);
            case 403 ->
                new PermanentException(
                        where() + "does not allow this user to do so: grant it, or use another user" + said);
            case 404 ->
                new PermanentException(where() + "does not know the database or path: check the address, the"
                        + " generation, and that nobody dropped the database" + said);
            case 408, 425, 429, 500, 502, 503, 504 ->
                new TransientException(where()
                        + (text.contains("no space left")
                                // It keeps on failing with this until its process has begun a new log.
                                ? "has no space left: free some on its disk and restart it"
                                : "cannot do so now")
                        + said);
            default ->
                text.toLowerCase(Locale.ROOT).contains("to an https server")
                        ? new PermanentException(where() + "speaks TLS: use an address that begins with https" + said)
                        : new PermanentException(where() + "refused the request" + said);
        };
    }

    String where() {
        return "store '" + options.place() + "' ";
    }

    private static String shortened(String text) {
        return text.length() > 500 ? text.substring(0, 500) + "…" : text;
    }

    private TransientException noAnswer(Throwable failure) {
        return new TransientException(
                where() + "gave no whole answer within " + options.requestTimeout()
                        + ": it is overloaded, stopped or out of reach; or set a longer requestTimeout",
                failure);
    }

    private TsdashException onTheWire(Throwable failure) {
        String what = " (" + failure + ")";
        if (failure instanceof HttpConnectTimeoutException) {
            return new TransientException(
                    where() + "could not be connected to within " + options.connectTimeout() + what, failure);
        }
        if (failure instanceof HttpTimeoutException) {
            return noAnswer(failure);
        }
        if (has(failure, UnresolvedAddressException.class)) {
            return new TransientException(
                    where() + "has a host name that nobody knows now: check the address and the name service" + what,
                    failure);
        }
        if (failure instanceof ConnectException) {
            return new TransientException(
                    where() + "could not be connected to: is it up, and the port right?" + what, failure);
        }
        boolean isBroken = has(failure, EOFException.class)
                || has(failure, SocketException.class)
                || has(failure, ClosedChannelException.class);
        if (failure instanceof SSLException && !isBroken) {
            return new PermanentException(
                    where() + "could not be spoken to over TLS: use http if it speaks none, or trust its certificate"
                            + what,
                    failure);
        }
        if (has(failure, ProtocolException.class)
                && String.valueOf(failure.getMessage()).contains("status line")) {
            return new PermanentException(
                    where() + "does not speak HTTP: use https if it speaks TLS, and check the port" + what, failure);
        }
        if (failure instanceof IOException) {
            return new TransientException(where() + "broke the connection" + what, failure);
        }
        return new PermanentException(where() + "could not be asked" + what, failure);
    }

    private static boolean has(Throwable failure, Class<? extends Throwable> type) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }
}
