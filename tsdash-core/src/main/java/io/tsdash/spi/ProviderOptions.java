package io.tsdash.spi;

import io.tsdash.error.ConfigurationException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * What a user wrote about a feed or a store: the text after its name, and options by name.
 *
 * <p>A provider reads what it knows; what is no number or unknown is collected, and {@link #check} reports all of it.
 * Single-threaded.
 */
public final class ProviderOptions {
    private static final double NANOS_PER_SECOND = 1e9;

    private final String owner;
    private final String argument;
    private final Map<String, String> values;
    private final TreeSet<String> known = new TreeSet<>();
    private final List<String> problems = new ArrayList<>();

    /**
     * @param owner what the options are of, such as {@code feed 'sim'}
     * @param argument what follows the name and a colon; empty when nothing does
     * @param values options by name
     */
    public ProviderOptions(String owner, String argument, Map<String, String> values) {
        this.owner = owner;
        this.argument = argument;
        this.values = Map.copyOf(values);
    }

    /** Returns what follows the name and a colon; empty when nothing does. */
    public String argument() {
        return argument;
    }

    /** Returns a text, or the default where the option is not given. */
    public String text(String name, String defaultValue) {
        known.add(name);
        return values.getOrDefault(name, defaultValue);
    }

    /** Returns a number, or the default where the option is not given or no number. */
    public double number(String name, double defaultValue) {
        known.add(name);
        String text = values.get(name);
        if (text == null) {
            return defaultValue;
        }
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            problems.add(name + " was '" + text + "' but it must be a number");
            return defaultValue;
        }
    }

    /** Returns a whole number, or the default where the option is not given or none. */
    public long wholeNumber(String name, long defaultValue) {
        known.add(name);
        String text = values.get(name);
        if (text == null) {
            return defaultValue;
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            problems.add(name + " was '" + text + "' but it must be a whole number");
            return defaultValue;
        }
    }

    /** Returns a multiple of real time; {@code max} is 0, as fast as possible. */
    public double speed(double defaultValue) {
        return "max".equals(values.get("speed")) ? known("speed", 0) : number("speed", defaultValue);
    }

    /** Returns whether the option is {@code true}. */
    public boolean flag(String name) {
        known.add(name);
        String text = values.getOrDefault(name, "false");
        if (!text.equals("true") && !text.equals("false")) {
            problems.add(name + " was '" + text + "' but it must be true or false");
        }
        return text.equals("true");
    }

    /** Returns a time in seconds, such as {@code 2.5}. */
    public Duration seconds(String name, Duration defaultValue) {
        double value = number(name, defaultValue.toNanos() / NANOS_PER_SECOND);
        return Duration.ofNanos((long) (value * NANOS_PER_SECOND));
    }

    /** Adds a problem that the provider found. */
    public void problem(String problem) {
        problems.add(problem);
    }

    /**
     * Ends the reading.
     *
     * @throws ConfigurationException with all values that could not be read and all options that nobody asked for
     */
    public void check() {
        for (String name : new TreeSet<>(values.keySet())) {
            if (!known.contains(name)) {
                problems.add(owner + " has no option '" + name + "'. It has: " + String.join(", ", known));
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    private double known(String name, double value) {
        known.add(name);
        return value;
    }
}
