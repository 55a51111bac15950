package io.tsdash.error;

import java.util.List;

/** A configuration that contradicts itself or its rules; lists everything that is wrong at once. */
public final class ConfigurationException extends PermanentException {
    private static final long serialVersionUID = 1;

    private final transient List<String> problems;

    /** @param problems one sentence each: option, value, rule; at least one */
    public ConfigurationException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    /** Returns each problem as its own sentence. */
    public List<String> problems() {
        return problems;
    }
}
