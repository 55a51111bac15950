package io.tsdash.influx;

import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.error.TsdashException;
import io.tsdash.influx.InfluxDialect.Policy;
import io.tsdash.influx.InfluxHttp.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** Queries, writes and deletes in the words of one generation. Thread-safe. */
final class InfluxConnection {
    /** The latest moment that InfluxDB knows. */
    static final long TIME_NANOS_MAX = Long.MAX_VALUE - 1;

    private static final int BODY_BYTES_MAX = 8 * 1024 * 1024;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final InfluxOptions options;
    private final InfluxHttp http;
    private final InfluxDialect dialect;

    InfluxConnection(InfluxOptions options, InfluxHttp http, InfluxDialect dialect) {
        this.options = options;
        this.http = http;
        this.dialect = dialect;
    }

    /** A part of a write was refused for good; the rest of it may be there. */
    static final class RefusedLinesException extends PermanentException {
        private static final long serialVersionUID = 1;

        RefusedLinesException(String message) {
            super(message);
        }
    }

    InfluxDialect dialect() {
        return dialect;
    }

    String where() {
        return http.where();
    }

    /** Returns after how long a request is given up. */
    Duration timeout() {
        return options.requestTimeout();
    }

    /** Returns the only series of a statement, or one without rows. */
    Series rows(String statement) {
        List<Series> series = query(List.of(statement)).get(0);
        return series.isEmpty() ? new Series("", Map.of(), List.of(), List.of()) : series.get(0);
    }

    /** Asks several statements; returns the series of each, in their order. */
    List<List<Series>> query(List<String> statements) {
        List<List<Series>> answers = new ArrayList<>(statements.size());
        for (int from = 0; from < statements.size(); from += dialect.statementsMax()) {
            List<String> some = statements.subList(from, Math.min(statements.size(), from + dialect.statementsMax()));
            answers.addAll(ask(some));
        }
        return answers;
    }

    private List<List<Series>> ask(List<String> statements) {
        String form = "q=" + URLEncoder.encode(String.join(";", statements), StandardCharsets.UTF_8);
        Reply reply = http.send(request(dialect.queryAddress())
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Accept", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(form))
                .build());
        if (reply.status() != 200) {
            throw http.refused(reply);
        }
        List<AnswerReader.Result> results = AnswerReader.read(reply.body());
        List<List<Series>> answers = new ArrayList<>(statements.size());
        for (AnswerReader.Result result : results) {
            if (!result.error().isEmpty()) {
                throw statementFailed(result.error());
            }
            if (result.partial()) {
                throw new PermanentException(where() + "left rows out of an answer: set its max-row-limit to 0");
            }
            answers.add(result.series());
        }
        if (answers.size() != statements.size()) {
            throw new TransientException(
                    where() + "answered " + answers.size() + " of " + statements.size() + " statements");
        }
        return answers;
    }

    /**
     * Writes lines; returns when the server has them on disk.
     *
     * @throws RefusedLinesException if some of them were refused, and the others may have been written
     */
    void write(Policy policy, LineBuffer lines) {
        Deque<LineBuffer.Part> parts = new ArrayDeque<>(lines.parts(BODY_BYTES_MAX));
        while (!parts.isEmpty()) {
            LineBuffer.Part part = parts.removeFirst();
            Reply reply = http.send(writeRequest(policy, part));
            if (reply.status() == 413) {
                List<LineBuffer.Part> halves = lines.halves(part);
                if (halves.size() == 1) {
                    throw new PermanentException(where() + "takes bodies that are too small for one group of "
                            + part.length() + " bytes: raise its max-body-size (HTTP 413)");
                }
                parts.addFirst(halves.get(1));
                parts.addFirst(halves.get(0));
            } else if ((reply.status() == 400 || reply.status() == 422) && isAboutLines(reply.text())) {
                throw new RefusedLinesException(reply.text());
            } else if (reply.status() != 204 && reply.status() != 200) {
                throw http.refused(reply);
            }
        }
    }

    private HttpRequest writeRequest(Policy policy, LineBuffer.Part part) {
        HttpRequest.Builder request =
                request(dialect.writeAddress(policy)).header("Content-Type", "text/plain; charset=utf-8");
        if (!options.gzip()) {
            return request.POST(HttpRequest.BodyPublishers.ofByteArray(part.bytes(), part.offset(), part.length()))
                    .build();
        }
        return request.header("Content-Encoding", "gzip")
                .POST(HttpRequest.BodyPublishers.ofByteArray(zipped(part)))
                .build();
    }

    /**
     * Deletes points by time and by one tag, in all policies.
     *
     * @param condition a tag and its value, or nothing
     * @param toNanos inclusive
     */
    void delete(String measurement, List<TagCondition> condition, long fromNanos, long toNanos) {
        if (dialect instanceof InfluxDialect.V2 v2) {
            StringBuilder predicate = new StringBuilder("_measurement=\"" + measurement + "\"");
            condition.forEach(tag -> predicate
                    .append(" AND ")
                    .append(tag.name())
                    .append("=\"")
                    .append(escaped(tag.value()))
                    .append('"'));
            post(
                    v2.deleteAddress(),
                    "{\"start\":\"" + instant(fromNanos) + "\",\"stop\":\"" + instant(toNanos) + "\",\"predicate\":\""
                            + escaped(predicate.toString()) + "\"}");
        } else if (dialect instanceof InfluxDialect.V1) {
            StringBuilder statement = new StringBuilder("DELETE FROM \"" + measurement + "\" WHERE ");
            condition.forEach(tag -> statement
                    .append('"')
                    .append(tag.name())
                    .append("\" = ")
                    .append(SymbolTag.quoted(tag.value()))
                    .append(" AND "));
            rows(statement + "time >= " + fromNanos + " AND time <= " + toNanos);
        } else {
            throw new PermanentException(where()
                    + "is InfluxDB 3, which cannot delete rows by condition: set a retention period on the database");
        }
    }

    /** Returns what the shards of our database take on disk; empty where the server does not tell us. */
    OptionalLong storedBytes() {
        if (!(dialect instanceof InfluxDialect.V1 v1)) {
            return OptionalLong.empty();
        }
        Reply reply = http.send(request(v1.statisticsAddress()).GET().build());
        return switch (reply.status()) {
            case 200 -> OptionalLong.of(ShardSizes.sum(reply.body(), options.database()));
            case 401, 403, 404 -> OptionalLong.empty();
            default -> throw http.refused(reply);
        };
    }

    /** A tag and the value that it must have. */
    record TagCondition(String name, String value) {}

    /** Posts a JSON document; the answer must be a success. */
    private void post(URI address, String json) {
        Reply reply = send(address, json);
        if (reply.status() / 100 != 2) {
            throw http.refused(reply);
        }
    }

    /** Posts a JSON document that makes something; that another node has made it in the meantime is as good. */
    void make(URI address, String json) {
        Reply reply = send(address, json);
        if (reply.status() / 100 != 2 && reply.status() != 409 && !reply.text().contains("already exists")) {
            throw http.refused(reply);
        }
    }

    /** Gets a list of things; empty if there is none. */
    byte[] found(URI address) {
        Reply reply = http.send(request(address).GET().build());
        if (reply.status() == 404) {
            return "{}".getBytes(StandardCharsets.UTF_8);
        }
        if (reply.status() != 200) {
            throw http.refused(reply);
        }
        return reply.body();
    }

    private Reply send(URI address, String json) {
        return http.send(request(address)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build());
    }

    /** Returns a text as it stands between the quotes of JSON, and of a predicate. */
    static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    private HttpRequest.Builder request(URI address) {
        return http.request(address, dialect.authorization()).timeout(options.requestTimeout());
    }

    private TsdashException statementFailed(String error) {
        String lower = error.toLowerCase(Locale.ROOT);
        String said = " (" + error + ")";
        if (lower.contains("timeout")
                || lower.contains("interrupt")
                || lower.contains("shutdown")
                || lower.contains("closed")
                || lower.contains("disabled")
                || lower.contains("no space left")
                || lower.contains("max-concurrent-queries")
                || lower.contains("too many open files")) {
            return new TransientException(where() + "could not answer now" + said);
        }
        if (lower.contains("max-select")) {
            return new PermanentException(
                    where() + "has a limit that this question is beyond: raise it, or ask for less" + said);
        }
        if (lower.contains("database not found") || lower.contains("retention policy not found")) {
            return new PermanentException(
                    where() + "has no such database any more: open the store again, which makes it" + said);
        }
        return new PermanentException(where() + "could not answer" + said);
    }

    private static boolean isAboutLines(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        return lower.contains("partial write") || lower.contains("unable to parse") || lower.contains("field type");
    }

    private static String instant(long nanos) {
        return Instant.ofEpochSecond(Math.floorDiv(nanos, NANOS_PER_SECOND), Math.floorMod(nanos, NANOS_PER_SECOND))
                .toString();
    }

    private static byte[] zipped(LineBuffer.Part part) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(part.length() / 4);
        try (GZIPOutputStream zip = new GZIPOutputStream(bytes) {
            {
                def.setLevel(Deflater.BEST_SPEED);
            }
        }) {
            zip.write(part.bytes(), part.offset(), part.length());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
