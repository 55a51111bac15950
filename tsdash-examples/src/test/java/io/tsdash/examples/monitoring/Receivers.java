package io.tsdash.examples.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * PagerDuty (events of version 2), Slack (an incoming webhook) and a mail server on this machine. Each takes only what is in
 * its form, and refuses the rest as the real one does; Alertmanager then says so in its log. Thread-safe.
 */
final class Receivers implements AutoCloseable {
    static final String PAGERDUTY_KEY = "0123456789abcdef0123456789abcdef";
    static final String SLACK_PATH = "/services/T0/B0/secret";
    static final String MAIL_PASSWORD = "a password";

    private static final Pattern SUMMARY = Pattern.compile("(Tsdash\\w+): (.+)", Pattern.DOTALL);
    private static final Pattern TITLE = Pattern.compile("(over: )?(Tsdash\\w+)");
    private static final Pattern SUBJECT = Pattern.compile("(over: )?tsdash: (Tsdash\\w+)");
    private static final Pattern ANNOTATION = Pattern.compile("summary = ([^<]+)");
    private static final Pattern RUNBOOK = Pattern.compile("[\\w/.-]*/runbooks/\\w+\\.md");

    private final HttpServer http;
    private final SmtpSink mail = new SmtpSink("tsdash@example.com", MAIL_PASSWORD, this::onMail);
    private final List<Notice> notices = new CopyOnWriteArrayList<>();
    private final List<String> refused = new CopyOnWriteArrayList<>();

    Receivers() {
        try {
            http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        http.createContext("/v2/enqueue", exchange -> answer(exchange, 202, Receivers::page));
        http.createContext(SLACK_PATH, exchange -> answer(exchange, 200, Receivers::slack));
        http.start();
    }

    /** Returns where PagerDuty and Slack are. */
    String address() {
        return "http://127.0.0.1:" + http.getAddress().getPort();
    }

    /** Returns host and port of the mail server. */
    String mailAddress() {
        return "127.0.0.1:" + mail.port();
    }

    /** Returns what came, in order. */
    List<Notice> notices() {
        return List.copyOf(notices);
    }

    /** Returns what came in another form than the receiver's. */
    List<String> refused() {
        return List.copyOf(refused);
    }

    @Override
    public void close() {
        http.stop(0);
        mail.close();
    }

    private void answer(HttpExchange exchange, int status, Function<JsonNode, Notice> read) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        int answered = status;
        try {
            notices.add(read.apply(MonitoringFiles.json(body)));
        } catch (IllegalArgumentException e) {
            refused.add(e.getMessage() + ": " + body);
            answered = 400;
        }
        exchange.sendResponseHeaders(answered, -1);
        exchange.close();
    }

    private void onMail(String message) {
        String unfolded = message.replace("=\r\n", "").replace("=3D", "=");
        Matcher subject = SUBJECT.matcher(header(unfolded, "Subject"));
        if (!subject.matches() || !header(unfolded, "To").contains("operators@example.com")) {
            refused.add(message);
            return;
        }
        Matcher summary = ANNOTATION.matcher(unfolded);
        notices.add(new Notice(
                "mail",
                subject.group(2),
                subject.group(1) == null,
                summary.find() ? summary.group(1) : "",
                found(RUNBOOK, unfolded)));
    }

    /** {@code https://developer.pagerduty.com/docs/send-alert-event}: what must be there, and in which words. */
    private static Notice page(JsonNode event) {
        require(event.path("routing_key").asText().equals(PAGERDUTY_KEY), "routing_key");
        require(!event.path("dedup_key").asText().isEmpty(), "dedup_key");
        String action = event.path("event_action").asText();
        require(List.of("trigger", "resolve").contains(action), "event_action");
        JsonNode payload = event.path("payload");
        require(payload.path("severity").asText().equals("critical"), "severity");
        require(!payload.path("source").asText().isEmpty(), "source");
        Matcher summary = SUMMARY.matcher(payload.path("summary").asText());
        require(summary.matches(), "summary");
        JsonNode link = event.at("/links/0/href");
        return new Notice("pagerduty", summary.group(1), action.equals("trigger"), summary.group(2), link.asText());
    }

    /** {@code https://api.slack.com/reference/messaging/attachments}. */
    private static Notice slack(JsonNode message) {
        JsonNode attachment = message.at("/attachments/0");
        Matcher title = TITLE.matcher(attachment.path("title").asText());
        require(title.matches(), "title");
        require(!attachment.path("text").asText().isBlank(), "text");
        require(attachment.path("color").asText().matches("good|danger"), "color");
        return new Notice(
                "slack",
                title.group(2),
                title.group(1) == null,
                attachment.path("text").asText(),
                attachment.path("title_link").asText());
    }

    private static String header(String message, String name) {
        return found(Pattern.compile("(?m)^" + name + ": (.*)$"), message)
                .replaceFirst("^" + name + ": ", "")
                .strip();
    }

    private static String found(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group() : "";
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalArgumentException(what + " is not as it must be");
        }
    }
}
