package io.tsdash.influx;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * No InfluxDB: answers what the documentation of a generation says that it answers, and keeps what it was asked.
 *
 * <p>For 2.x and 3.x, whose servers cannot be had where this project is built.
 */
final class DocumentedServer implements AutoCloseable {
    private final HttpServer server;
    private final List<Rule> rules = new ArrayList<>();
    private final Queue<Asked> asked = new ConcurrentLinkedQueue<>();

    /** What came: the line of the request, credentials, and the body with its form decoded. */
    record Asked(String request, String authorization, String body) {}

    private record Rule(String request, String bodyPart, int status, String answer) {}

    DocumentedServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::answer);
        server.start();
    }

    /** Answers requests that begin so and hold this in their body; the first rule that fits is taken. */
    DocumentedServer on(String request, String bodyPart, int status, String answer) {
        rules.add(new Rule(request, bodyPart, status, answer));
        return this;
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Returns what came so far, and forgets it. */
    List<Asked> asked() {
        List<Asked> all = new ArrayList<>();
        for (Asked one = asked.poll(); one != null; one = asked.poll()) {
            all.add(one);
        }
        return all;
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String type = String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type"));
        String decoded = type.contains("form") ? URLDecoder.decode(body, StandardCharsets.UTF_8) : body;
        String request = exchange.getRequestMethod() + " " + exchange.getRequestURI();
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        asked.add(new Asked(request, authorization == null ? "" : authorization, decoded));
        Rule rule = rules.stream()
                .filter(one -> request.startsWith(one.request()) && decoded.contains(one.bodyPart()))
                .findFirst()
                .orElse(new Rule("", "", 404, "{\"error\":\"not in this exchange: " + request + "\"}"));
        byte[] bytes = rule.answer().getBytes(StandardCharsets.UTF_8);
        if (request.startsWith("GET /ping") && rule.answer().startsWith("v")) {
            exchange.getResponseHeaders().add("X-Influxdb-Version", rule.answer());
            bytes = new byte[0];
        }
        exchange.sendResponseHeaders(rule.status(), bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
