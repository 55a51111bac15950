package io.tsdash.examples.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What was given on the command line, by the names of the settings; what was not given is left out. Single-threaded. */
final class GivenFlags {
    private final Map<String, String> values = new LinkedHashMap<>();

    GivenFlags add(String name, @Nullable String value) {
        if (value != null) {
            values.put(name, value);
        }
        return this;
    }

    /** Adds options of a part, such as those of a store. */
    GivenFlags add(String prefix, Map<String, String> options) {
        options.forEach((name, value) -> values.put(prefix + name, value));
        return this;
    }

    Map<String, String> values() {
        return values;
    }
}
