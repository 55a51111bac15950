package io.tsdash.redis;

import io.tsdash.engines.RedisServer;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How often a server has done each command, by its own count; without the question for it. */
record CommandCounts(Map<String, Long> calls) {
    private static final Pattern LINE = Pattern.compile("cmdstat_([^:]+):calls=(\\d+)");

    static CommandCounts of(RedisServer server) {
        Map<String, Long> calls = new TreeMap<>();
        Matcher line = LINE.matcher(server.command("INFO", "commandstats"));
        while (line.find()) {
            calls.put(line.group(1), Long.valueOf(line.group(2)));
        }
        calls.remove("info");
        return new CommandCounts(calls);
    }

    /** Returns what has come since, without the commands that have not. */
    Map<String, Long> since(CommandCounts before) {
        Map<String, Long> since = new TreeMap<>(calls);
        before.calls.forEach((command, count) -> since.merge(command, -count, Long::sum));
        since.values().removeIf(count -> count == 0);
        return since;
    }
}
