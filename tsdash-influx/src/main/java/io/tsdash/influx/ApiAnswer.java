package io.tsdash.influx;

import io.tsdash.error.PermanentException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Reads the lists of things, such as buckets, that the APIs of 2.x and 3.x answer with. */
final class ApiAnswer {
    private static final JsonFactory FACTORY = new JsonFactory();

    private ApiAnswer() {}

    /**
     * Returns a text of each thing: of {@code {"buckets": [{"name": …}]}} the names.
     *
     * @param depthOfThings in how many objects a thing's texts lie: 2 in this example
     */
    static List<String> texts(byte[] utf8, String name, int depthOfThings) {
        List<String> texts = new ArrayList<>();
        int depth = 0;
        try (JsonParser json = FACTORY.createParser(ObjectReadContext.empty(), utf8)) {
            for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                if (token == JsonToken.START_OBJECT) {
                    depth++;
                } else if (token == JsonToken.END_OBJECT) {
                    depth--;
                } else if (token == JsonToken.VALUE_STRING
                        && depth == depthOfThings
                        && name.equals(json.currentName())) {
                    texts.add(json.getString());
                }
            }
            return texts;
        } catch (JacksonException e) {
            throw new PermanentException("the answer was no JSON as InfluxDB sends it: " + e.getOriginalMessage(), e);
        }
    }
}
