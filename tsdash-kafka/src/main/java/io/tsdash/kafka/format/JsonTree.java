package io.tsdash.kafka.format;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Where in a JSON value the wanted fields lie; reads them in one pass and skips all else. Not changed once built. */
final class JsonTree {
    private final Map<String, JsonTree> members = new HashMap<>();
    private final List<JsonTarget> targets = new ArrayList<>();

    /** Adds a path, whose parts are the names of members, or the indexes of elements as numbers. */
    void add(List<String> path, JsonTarget target) {
        JsonTree tree = this;
        for (String part : path) {
            tree = tree.members.computeIfAbsent(part, name -> new JsonTree());
        }
        tree.targets.add(target);
    }

    /** Reads the value that the parser stands at; what is null or not there stays as it was. */
    void read(JsonParser in, EnumMap<JsonTarget, String> values) {
        JsonToken token = in.currentToken();
        if (token == JsonToken.START_OBJECT) {
            while (in.nextToken() != JsonToken.END_OBJECT) {
                JsonTree member = members.get(in.currentName());
                in.nextToken();
                readOrSkip(member, in, values);
            }
        } else if (token == JsonToken.START_ARRAY) {
            for (int i = 0; in.nextToken() != JsonToken.END_ARRAY; i++) {
                readOrSkip(members.isEmpty() ? null : members.get(Integer.toString(i)), in, values);
            }
        } else if (token != JsonToken.VALUE_NULL && !targets.isEmpty()) {
            String text = in.getString();
            for (JsonTarget target : targets) {
                values.put(target, text);
            }
        }
    }

    private static void readOrSkip(@Nullable JsonTree tree, JsonParser in, EnumMap<JsonTarget, String> values) {
        if (tree == null) {
            in.skipChildren();
        } else {
            tree.read(in, values);
        }
    }
}
