package io.tsdash.transport;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Says whether the server lives, and whether it is ready. Thread-safe. */
final class HealthChecks {
    private final Map<String, Supplier<Optional<String>>> checks;

    HealthChecks(Map<String, Supplier<Optional<String>>> checks) {
        this.checks = checks;
    }

    Answer answer(String path) {
        return switch (path) {
            case "/health/live" -> answer(Map.of());
            case "/health/ready" -> answer(problems());
            default ->
                throw ProblemException.notFound(
                        "path was '" + path + "' but health is at /health/live and /health/ready");
        };
    }

    private Map<String, String> problems() {
        Map<String, String> problems = new LinkedHashMap<>();
        checks.forEach((name, check) -> {
            try {
                check.get().ifPresent(problem -> problems.put(name, problem));
            } catch (RuntimeException e) {
                problems.put(name, String.valueOf(e));
            }
        });
        return problems;
    }

    private static Answer answer(Map<String, String> problems) {
        byte[] body = Json.bytes(json -> {
            json.writeStartObject();
            json.writeStringProperty("status", problems.isEmpty() ? "UP" : "DOWN");
            if (!problems.isEmpty()) {
                json.writeName("reasons");
                json.writeStartObject();
                problems.forEach(json::writeStringProperty);
                json.writeEndObject();
            }
            json.writeEndObject();
        });
        HttpResponseStatus status = problems.isEmpty() ? HttpResponseStatus.OK : HttpResponseStatus.SERVICE_UNAVAILABLE;
        return new Answer(status, "application/json", body);
    }
}
