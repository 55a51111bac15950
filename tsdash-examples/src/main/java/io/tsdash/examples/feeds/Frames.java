package io.tsdash.examples.feeds;

import io.tsdash.error.InvalidInputException;
import io.tsdash.examples.feeds.VenueMessage.Level;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** What the messages of several exchanges have in common. */
final class Frames {
    private static final JsonFactory FACTORY = new JsonFactory();

    private Frames() {}

    /** Returns the JSON that is written. */
    static String json(Consumer<JsonGenerator> writing) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            writing.accept(json);
            json.writeEndObject();
        }
        return out.toString();
    }

    /** Writes a list of texts. */
    static void texts(JsonGenerator json, String name, List<String> texts) {
        json.writeName(name);
        json.writeStartArray();
        texts.forEach(json::writeString);
        json.writeEndArray();
    }

    /** Reads levels, each a list that begins with price and size. */
    static List<Level> levels(Json list) {
        List<Level> levels = new ArrayList<>(list.size());
        for (Json level : list.items()) {
            levels.add(new Level(level.get(0).decimal(), level.get(1).decimal()));
        }
        return levels;
    }

    /** Returns what one side or the other is called. */
    static boolean either(String what, String text, String yes, String no) {
        if (!text.equals(yes) && !text.equals(no)) {
            throw InvalidInputException.of(what, text, "must be '" + yes + "' or '" + no + "'");
        }
        return text.equals(yes);
    }
}
