package io.tsdash.transport;

import io.tsdash.distribution.ClientCommand;
import io.tsdash.distribution.Position;
import io.tsdash.distribution.SubscribeCommand;
import io.tsdash.error.InvalidInputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads one JSON command of a client; what cannot be understood gives a command that says so, to be answered in its turn.
 * Fields that it does not know are passed over, so that newer clients can say more. Single-threaded.
 */
final class CommandReader {
    private static final int NAME_MAX = 160;

    private OptionalLong id = OptionalLong.empty();
    private String op = "";
    private List<String> channels = List.of();
    private long intervalMillis = SubscribeCommand.KEEP_INTERVAL;
    private Map<String, Position> resume = Map.of();

    private CommandReader() {}

    static ClientCommand read(byte[] utf8) {
        CommandReader reader = new CommandReader();
        try {
            reader.parse(utf8);
            return reader.command();
        } catch (InvalidInputException e) {
            return new ClientCommand.Malformed(reader.id, String.valueOf(e.getMessage()));
        } catch (JacksonException e) {
            return new ClientCommand.Malformed(
                    reader.id,
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
            case "id" -> id = OptionalLong.of(integer(json, "id"));
            case "op" -> op = text(json, "op");
            case "channels" -> channels = channels(json);
            case "intervalMillis" -> intervalMillis = integer(json, "intervalMillis");
            case "resume" -> resume = resume(json);
            default -> json.skipChildren();
        }
    }

    private ClientCommand command() {
        if (id.isEmpty()) {
            throw new InvalidInputException("id was missing but each command must have an integer id");
        }
        return switch (op) {
            case "subscribe" -> subscribe();
            case "unsubscribe" -> new ClientCommand.Unsubscribe(id.getAsLong(), someChannels());
            case "ping" -> new ClientCommand.Ping(id.getAsLong());
            case "checksum" -> new ClientCommand.Checksum(id.getAsLong(), someChannels());
            default -> throw InvalidInputException.of("op", op, "must be subscribe, unsubscribe, ping or checksum");
        };
    }

    private SubscribeCommand subscribe() {
        if (intervalMillis != SubscribeCommand.KEEP_INTERVAL
                && (intervalMillis < 0 || intervalMillis > SubscribeCommand.INTERVAL_MILLIS_MAX)) {
            throw InvalidInputException.of(
                    "intervalMillis", intervalMillis, "must be 0 to " + SubscribeCommand.INTERVAL_MILLIS_MAX);
        }
        // Without channels, positions are kept for the commands that follow: they may not fit into one frame.
        List<String> wanted = resume.isEmpty() ? someChannels() : channels;
        return new SubscribeCommand(id.getAsLong(), wanted, (int) intervalMillis, resume, "");
    }

    private List<String> someChannels() {
        if (channels.isEmpty()) {
            throw new InvalidInputException("channels was missing or empty but the command needs at least one");
        }
        return channels;
    }

    private static List<String> channels(JsonParser json) {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            throw new InvalidInputException("channels was no array but it must be an array of strings");
        }
        List<String> names = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            names.add(checkedName(text(json, "channel")));
        }
        return names;
    }

    static String checkedName(String name) {
        if (name.isEmpty() || name.length() > NAME_MAX) {
            String shown = name.length() > NAME_MAX ? name.substring(0, NAME_MAX) + "…" : name;
            throw InvalidInputException.of("channel", shown, "must have 1 to " + NAME_MAX + " characters");
        }
        return name;
    }

    private static Map<String, Position> resume(JsonParser json) {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw new InvalidInputException("resume was no object but it must map channels to epoch and seq");
        }
        Map<String, Position> positions = new LinkedHashMap<>();
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String channel = checkedName(json.currentName());
            json.nextToken();
            positions.put(channel, position(json));
        }
        return positions;
    }

    private static Position position(JsonParser json) {
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
        if (epoch.isEmpty() || sequence < 0) {
            throw new InvalidInputException("resume's position lacked epoch or seq (an integer of at least 0)");
        }
        return new Position(epoch, sequence);
    }

    private static String text(JsonParser json, String what) {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            throw InvalidInputException.of(what, String.valueOf(json.currentToken()), "must be a string");
        }
        return json.getString();
    }

    private static long integer(JsonParser json, String what) {
        if (json.currentToken() != JsonToken.VALUE_NUMBER_INT || !json.isExpectedNumberIntToken()) {
            throw InvalidInputException.of(what, String.valueOf(json.currentToken()), "must be an integer");
        }
        return json.getLongValue();
    }
}
