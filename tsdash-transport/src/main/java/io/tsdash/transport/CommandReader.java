package io.tsdash.transport;

import io.tsdash.distribution.ClientCommand;
import io.tsdash.error.InvalidInputException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads one JSON command of a client; what cannot be understood gives a command that says so, to be answered in its turn.
 * Fields that it does not know are passed over, so that newer clients can say more. Single-threaded.
 */
final class CommandReader {
    private final CommandFields fields = new CommandFields();

    private CommandReader() {}

    static ClientCommand read(byte[] utf8) {
        CommandReader reader = new CommandReader();
        try {
            reader.parse(utf8);
            return reader.fields.command();
        } catch (InvalidInputException e) {
            return new ClientCommand.Malformed(reader.fields.id(), String.valueOf(e.getMessage()));
        } catch (JacksonException e) {
            return new ClientCommand.Malformed(
                    reader.fields.id(),
                    "frame was no JSON object: " + e.getOriginalMessage() + ", at column "
                            + e.getLocation().getColumnNr());
        }
    }

    private void parse(byte[] utf8) {
        try (JsonParser json = Json.parser(utf8)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new InvalidInputException("frame was not a JSON object but each frame must hold one command");
            }
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = json.currentName();
                json.nextToken();
                property(json, name);
            }
            if (json.nextToken() != null) {
                throw new InvalidInputException("frame held more than one value but each must hold one command");
            }
        }
    }

    private void property(JsonParser json, String name) {
        switch (name) {
            case "id" -> fields.id(integer(json, "id"));
            case "op" -> fields.op(text(json, "op"));
            case "channels" -> channels(json);
            case "intervalMillis" -> fields.intervalMillis(integer(json, "intervalMillis"));
            case "resume" -> resume(json);
            case "watchlist" -> fields.watchlist(truth(json, "watchlist"));
            case "token", "traceparent", "clientOrderId", "symbol", "side", "type" ->
                fields.text(name, text(json, name));
            case "price", "volume" -> fields.number(name, number(json, name));
            default -> json.skipChildren();
        }
    }

    private void channels(JsonParser json) {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            throw new InvalidInputException("channels was no array but it must be an array of strings");
        }
        while (json.nextToken() != JsonToken.END_ARRAY) {
            fields.channel(text(json, "channel"));
        }
    }

    private void resume(JsonParser json) {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw new InvalidInputException("resume was no object but it must map channels to epoch and seq");
        }
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String channel = json.currentName();
            json.nextToken();
            position(json, channel);
        }
    }

    private void position(JsonParser json, String channel) {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw new InvalidInputException("resume's position was no object but it must have epoch and seq");
        }
        String epoch = "";
        long sequence = -1;
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = json.currentName();
            json.nextToken();
            switch (name) {
                case "epoch" -> epoch = text(json, "epoch");
                case "seq" -> sequence = integer(json, "seq");
                default -> json.skipChildren();
            }
        }
        fields.resume(channel, epoch, sequence);
    }

    private static String text(JsonParser json, String what) {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            throw InvalidInputException.of(what, String.valueOf(json.currentToken()), "must be a string");
        }
        return json.getString();
    }

    private static boolean truth(JsonParser json, String what) {
        return switch (json.currentToken()) {
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default ->
                throw InvalidInputException.of(what, String.valueOf(json.currentToken()), "must be true or false");
        };
    }

    private static double number(JsonParser json, String what) {
        return switch (json.currentToken()) {
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> json.getDoubleValue();
            case VALUE_NULL -> Double.NaN;
            default -> throw InvalidInputException.of(what, String.valueOf(json.currentToken()), "must be a number");
        };
    }

    private static long integer(JsonParser json, String what) {
        if (json.currentToken() != JsonToken.VALUE_NUMBER_INT || !json.isExpectedNumberIntToken()) {
            throw InvalidInputException.of(what, String.valueOf(json.currentToken()), "must be an integer");
        }
        return json.getLongValue();
    }
}
