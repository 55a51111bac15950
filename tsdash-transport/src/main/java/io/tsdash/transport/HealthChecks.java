package io.tsdash.transport;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.core.JsonGenerator;

/**
 * Says whether the server lives, whether it should be sent clients, and how its parts are. A part that is away but can be
 * done without leaves the server ready, and degraded. Thread-safe.
 */
final class HealthChecks {
    private static final String UP = "UP";
    private static final String DEGRADED = "DEGRADED";
    private static final String DOWN = "DOWN";

    private final Map<String, Supplier<Optional<String>>> needed;
    private final Map<String, Supplier<Optional<String>>> helpful;

    /**
     * @param needed what must hold for the server to be ready, by name of the part: a reason when it does not
     * @param helpful what it can do without for a while
     */
    HealthChecks(Map<String, Supplier<Optional<String>>> needed, Map<String, Supplier<Optional<String>>> helpful) {
        this.needed = needed;
        this.helpful = helpful;
    }

    Answer answer(String path) {
        return switch (path) {
            case "/health" -> parts();
            case "/health/live" -> answer(Map.of());
            case "/health/ready" -> answer(problems(needed));
            default ->
                throw ProblemException.notFound(
                        "path was '" + path + "' but health is at /health, /health/live and /health/ready");
        };
    }

    private Answer parts() {
        Map<String, String> down = problems(needed);
        Map<String, String> degraded = problems(helpful);
        String status = !down.isEmpty() ? DOWN : degraded.isEmpty() ? UP : DEGRADED;
        return answer(down.isEmpty(), Json.bytes(json -> {
            json.writeStartObject();
            json.writeStringProperty("status", status);
            json.writeName("parts");
            json.writeStartObject();
            needed.keySet().forEach(name -> part(json, name, down.containsKey(name) ? DOWN : UP, down));
            helpful.keySet().forEach(name -> part(json, name, degraded.containsKey(name) ? DEGRADED : UP, degraded));
            json.writeEndObject();
            json.writeEndObject();
        }));
    }

    private static Map<String, String> problems(Map<String, Supplier<Optional<String>>> checks) {
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
        return answer(problems.isEmpty(), Json.bytes(json -> {
            json.writeStartObject();
            json.writeStringProperty("status", problems.isEmpty() ? UP : DOWN);
            if (!problems.isEmpty()) {
                json.writeName("reasons");
                json.writeStartObject();
                problems.forEach(json::writeStringProperty);
                json.writeEndObject();
            }
            json.writeEndObject();
        }));
    }

    private static void part(JsonGenerator json, String name, String status, Map<String, String> reasons) {
        json.writeName(name);
        json.writeStartObject();
        json.writeStringProperty("status", status);
        String reason = reasons.get(name);
        if (reason != null) {
            json.writeStringProperty("reason", reason);
        }
        json.writeEndObject();
    }

    private static Answer answer(boolean well, byte[] body) {
        HttpResponseStatus status = well ? HttpResponseStatus.OK : HttpResponseStatus.SERVICE_UNAVAILABLE;
        return new Answer(status, "application/json", body);
    }
}
