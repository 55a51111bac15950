package io.tsdash.kafka.format;

import io.tsdash.error.ConfigurationException;
import io.tsdash.model.Side;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the text of a {@link JsonMapping} and collects all that is wrong with it. Used once. */
final class JsonMappingParser {
    private static final Pattern PATH =
            Pattern.compile("[^.\\[\\]'?:=,\\s]+(\\.[^.\\[\\]'?:=,\\s]+|\\[\\d{1,4}])*|(\\[\\d{1,4}])+");
    private static final Set<JsonTarget> FOR_TRADES = EnumSet.of(JsonTarget.PRICE, JsonTarget.VOLUME, JsonTarget.SIDE);
    private static final Set<JsonTarget> FOR_QUOTES =
            EnumSet.of(JsonTarget.BID, JsonTarget.ASK, JsonTarget.BID_SIZE, JsonTarget.ASK_SIZE);

    private final String mapping;
    private final List<String> problems = new ArrayList<>();
    private final JsonTree tree = new JsonTree();
    private final Set<JsonTarget> found = EnumSet.noneOf(JsonTarget.class);
    private final Map<JsonTarget, String> constants = new EnumMap<>(JsonTarget.class);
    private JsonTimeUnit timeUnit = JsonTimeUnit.MS;
    private boolean quotes;
    private @Nullable Side sideIfTrue;
    private @Nullable Side sideIfFalse;

    JsonMappingParser(String mapping) {
        this.mapping = mapping;
    }

    JsonMapping parse() {
        for (String entry : mapping.split(",", -1)) {
            int equals = entry.indexOf('=');
            if (equals < 0) {
                problems.add("mapping entry was '" + entry.strip() + "' but it must be name=path or name='constant'");
            } else {
                entry(
                        entry.substring(0, equals).strip(),
                        entry.substring(equals + 1).strip());
            }
        }
        required(JsonTarget.SYMBOL, "");
        required(JsonTarget.TIME, "");
        required(JsonTarget.SEQUENCE, ": without it two trades of one moment cannot be told apart");
        if (quotes) {
            if (!found.contains(JsonTarget.BID) && !found.contains(JsonTarget.ASK)) {
                problems.add("mapping had neither bid nor ask but a quote needs one");
            }
            refuse(FOR_TRADES, "quotes");
        } else {
            required(JsonTarget.PRICE, "");
            required(JsonTarget.VOLUME, "");
            refuse(FOR_QUOTES, "trades; say type=quote for quotes");
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new JsonMapping(tree, constants, timeUnit, quotes, sideIfTrue, sideIfFalse);
    }

    private void entry(String name, String value) {
        switch (name) {
            case "type" -> type(value);
            case "timeUnit" -> {
                Optional<JsonTimeUnit> unit = JsonTimeUnit.parse(value);
                if (unit.isEmpty()) {
                    problems.add("mapping timeUnit was '" + value + "' but it " + JsonTimeUnit.RULE);
                }
                timeUnit = unit.orElse(timeUnit);
            }
            default -> target(name, value);
        }
    }

    private void type(String value) {
        if (!value.equals("trade") && !value.equals("quote")) {
            problems.add("mapping type was '" + value + "' but it must be trade or quote");
        }
        quotes = value.equals("quote");
    }

    private void target(String name, String value) {
        Optional<JsonTarget> target = Arrays.stream(JsonTarget.values())
                .filter(each -> each.text().equals(name))
                .findFirst();
        if (target.isEmpty()) {
            problems.add("mapping name was '" + name + "' but it must be one of type, timeUnit, "
                    + Arrays.stream(JsonTarget.values()).map(JsonTarget::text).collect(Collectors.joining(", ")));
            return;
        }
        if (!found.add(target.get())) {
            problems.add("mapping had " + name + " twice but it must have it once");
        }
        if (value.length() >= 2 && value.startsWith("'") && value.endsWith("'")) {
            constants.put(target.get(), value.substring(1, value.length() - 1));
            return;
        }
        String path = target.get() == JsonTarget.SIDE ? withoutChoice(value) : value;
        if (!PATH.matcher(path).matches()) {
            problems.add("mapping " + name + " was '" + value
                    + "' but it must be a path such as px, data.px or row[2], or a constant in single quotes");
            return;
        }
        tree.add(parts(path), target.get());
    }

    /** Takes {@code ?SELL:BUY} off the end. */
    private String withoutChoice(String value) {
        int question = value.indexOf('?');
        if (question < 0) {
            return value;
        }
        String choice = value.substring(question + 1);
        if (choice.equals("SELL:BUY")) {
            sideIfTrue = Side.SELL;
            sideIfFalse = Side.BUY;
        } else if (choice.equals("BUY:SELL")) {
            sideIfTrue = Side.BUY;
            sideIfFalse = Side.SELL;
        } else {
            problems.add("mapping side was '" + value + "' but after ? it must say SELL:BUY or BUY:SELL");
        }
        return value.substring(0, question);
    }

    private static List<String> parts(String path) {
        return Arrays.stream(path.replace("]", "").replace('[', '.').split("\\.", -1))
                .filter(part -> !part.isEmpty())
                .toList();
    }

    private void required(JsonTarget target, String why) {
        if (!found.contains(target)) {
            problems.add("mapping had no " + target.text() + " but it must say where it lies" + why);
        }
    }

    private void refuse(Set<JsonTarget> targets, String kind) {
        targets.stream()
                .filter(found::contains)
                .forEach(target -> problems.add("mapping had " + target.text() + " but it is not for " + kind));
    }
}
