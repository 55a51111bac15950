package io.tsdash.transport;

import io.tsdash.distribution.ClientCommand;
import io.tsdash.distribution.Position;
import io.tsdash.distribution.SubscribeCommand;
import io.tsdash.error.InvalidInputException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** The fields of a command while a form of the wire is read; it checks what is the same in all forms. Single-threaded. */
final class CommandFields {
    private static final int NAME_MAX = 160;

    private OptionalLong id = OptionalLong.empty();
    private String op = "";
    private final List<String> channels = new ArrayList<>();
    private boolean watchlist;
    private long intervalMillis = SubscribeCommand.KEEP_INTERVAL;
    private final Map<String, Position> resume = new LinkedHashMap<>();
    private final Map<String, String> texts = new HashMap<>(4);
    private final Map<String, Double> numbers = new HashMap<>(4);

    /** Returns the command's id, if it was read. */
    OptionalLong id() {
        return id;
    }

    void id(long value) {
        id = OptionalLong.of(value);
    }

    void op(String value) {
        op = value;
    }

    void channel(String name) {
        channels.add(checkedName(name));
    }

    void watchlist(boolean value) {
        watchlist = value;
    }

    void intervalMillis(long value) {
        intervalMillis = value;
    }

    void resume(String channel, String epoch, long sequence) {
        if (epoch.isEmpty() || sequence < 0) {
            throw new InvalidInputException("resume's position lacked epoch or seq (an integer of at least 0)");
        }
        resume.put(checkedName(channel), new Position(epoch, sequence));
    }

    /** Takes the token, what traces the client, or a field of an order, by its name in JSON. */
    void text(String name, String value) {
        texts.put(name, value);
    }

    /** Takes an order's price or volume. */
    void number(String name, double value) {
        numbers.put(name, value);
    }

    /**
     * Returns the command.
     *
     * @throws InvalidInputException if the fields make none
     */
    ClientCommand command() {
        if (id.isEmpty()) {
            throw new InvalidInputException("id was missing but each command must have an integer id");
        }
        return switch (op) {
            case "subscribe" -> subscribe();
            case "unsubscribe" -> new ClientCommand.Unsubscribe(id.getAsLong(), someChannels());
            case "ping" -> new ClientCommand.Ping(id.getAsLong());
            case "checksum" -> new ClientCommand.Checksum(id.getAsLong(), someChannels());
            case "authenticate" -> new ClientCommand.Authenticate(id.getAsLong(), needed("token"));
            case "order" ->
                ClientCommand.PlaceOrder.of(
                        id.getAsLong(),
                        needed("clientOrderId"),
                        needed("symbol"),
                        needed("side"),
                        needed("type"),
                        numbers.getOrDefault("price", Double.NaN),
                        numbers.getOrDefault("volume", Double.NaN));
            case "cancel" -> new ClientCommand.CancelOrder(id.getAsLong(), needed("clientOrderId"));
            default ->
                throw InvalidInputException.of(
                        "op", op, "must be subscribe, unsubscribe, ping, checksum, authenticate, order or cancel");
        };
    }

    private String needed(String name) {
        String text = texts.get(name);
        if (text == null) {
            throw new InvalidInputException(name + " was missing but " + op + " needs it");
        }
        return text;
    }

    private SubscribeCommand subscribe() {
        if (intervalMillis != SubscribeCommand.KEEP_INTERVAL
                && (intervalMillis < 0 || intervalMillis > SubscribeCommand.INTERVAL_MILLIS_MAX)) {
            throw InvalidInputException.of(
                    "intervalMillis", intervalMillis, "must be 0 to " + SubscribeCommand.INTERVAL_MILLIS_MAX);
        }
        // Without channels, positions are kept for the commands that follow: they may not fit into one frame.
        List<String> wanted = resume.isEmpty() && !watchlist ? someChannels() : channels;
        return new SubscribeCommand(
                id.getAsLong(),
                wanted,
                (int) intervalMillis,
                resume,
                "",
                watchlist,
                texts.getOrDefault("traceparent", ""));
    }

    private List<String> someChannels() {
        if (channels.isEmpty()) {
            throw new InvalidInputException("channels was missing or empty but the command needs at least one");
        }
        return channels;
    }

    static String checkedName(String name) {
        if (name.isEmpty() || name.length() > NAME_MAX) {
            String shown = name.length() > NAME_MAX ? name.substring(0, NAME_MAX) + "…" : name;
            throw InvalidInputException.of("channel", shown, "must have 1 to " + NAME_MAX + " characters");
        }
        return name;
    }
}
