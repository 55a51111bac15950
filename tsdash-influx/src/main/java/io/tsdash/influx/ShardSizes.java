package io.tsdash.influx;

import io.tsdash.error.PermanentException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads what shards take on disk out of the statistics that InfluxDB 1.x has at {@code /debug/vars}: of each shard, its log and its
 * files, as they are at that moment.
 */
final class ShardSizes {
    private static final JsonFactory FACTORY = new JsonFactory();

    private ShardSizes() {}

    /** Returns the bytes of all shards of a database; 0 where there are none yet. */
    static long sum(byte[] utf8, String database) {
        long sum = 0;
        try (JsonParser json = FACTORY.createParser(ObjectReadContext.empty(), utf8)) {
            json.nextToken();
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                if (json.nextToken() == JsonToken.START_OBJECT) {
                    sum += bytes(json, database);
                } else {
                    json.skipChildren();
                }
            }
            return sum;
        } catch (JacksonException e) {
            throw new PermanentException("the answer was no JSON as InfluxDB sends it: " + e.getOriginalMessage(), e);
        }
    }

    /** Reads {@code {"name": "shard", "tags": {"database": …}, "values": {"diskBytes": …}}}; 0 if it is something else. */
    private static long bytes(JsonParser json, String database) {
        boolean ours = true;
        long bytes = 0;
        for (int depth = 1; depth > 0; ) {
            JsonToken token = json.nextToken();
            if (token.isStructStart()) {
                depth++;
            } else if (token.isStructEnd()) {
                depth--;
            } else if (token != JsonToken.PROPERTY_NAME) {
                switch (json.currentName() == null ? "" : depth + json.currentName()) {
                    case "1name" -> ours &= json.getString().equals("shard");
                    case "2database" -> ours &= json.getString().equals(database);
                    case "2diskBytes" -> bytes = json.getLongValue();
                    default -> {}
                }
            }
        }
        return ours ? bytes : 0;
    }
}
