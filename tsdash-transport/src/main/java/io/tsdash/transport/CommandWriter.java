package io.tsdash.transport;

import io.tsdash.distribution.ClientCommand;
import io.tsdash.distribution.Position;
import io.tsdash.orders.OrderType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import tools.jackson.core.JsonGenerator;

/** Writes a client's commands as the texts that go over the wire. Thread-safe. */
final class CommandWriter {
    /** So many positions fit into a frame of 64 KiB whatever their channels' names. */
    private static final int POSITIONS_PER_COMMAND = 250;

    private CommandWriter() {}

    static String authenticate(long id, String token) {
        return command("authenticate", id, json -> json.writeStringProperty("token", token));
    }

    static String order(ClientCommand.PlaceOrder order) {
        return command("order", order.id(), json -> {
            json.writeStringProperty("clientOrderId", order.clientOrderId());
            json.writeStringProperty("symbol", order.symbol());
            json.writeStringProperty("side", order.side().name());
            json.writeStringProperty("type", order.type().name());
            if (order.type() == OrderType.LIMIT) {
                json.writeNumberProperty("price", order.price());
            }
            json.writeNumberProperty("volume", order.volume());
        });
    }

    static String cancel(long id, String clientOrderId) {
        return command("cancel", id, json -> json.writeStringProperty("clientOrderId", clientOrderId));
    }

    /** Returns one command, or several where the positions do not fit into one. */
    static List<String> subscribe(
            LongSupplier ids,
            Collection<String> names,
            int intervalMillis,
            Map<String, Position> resume,
            String traceparent) {
        List<String> texts = new ArrayList<>();
        Map<String, Position> part = new LinkedHashMap<>();
        resume.forEach((channel, position) -> {
            part.put(channel, position);
            if (part.size() == POSITIONS_PER_COMMAND) {
                texts.add(subscribePart(ids.getAsLong(), List.of(), intervalMillis, part, ""));
                part.clear();
            }
        });
        texts.add(subscribePart(ids.getAsLong(), names, intervalMillis, part, traceparent));
        return texts;
    }

    private static String subscribePart(
            long id, Collection<String> names, int intervalMillis, Map<String, Position> resume, String traceparent) {
        return command("subscribe", id, json -> {
            json.writeName("channels");
            json.writeStartArray();
            names.forEach(json::writeString);
            json.writeEndArray();
            json.writeNumberProperty("intervalMillis", intervalMillis);
            if (!traceparent.isEmpty()) {
                json.writeStringProperty("traceparent", traceparent);
            }
            json.writeName("resume");
            json.writeStartObject();
            resume.forEach((channel, position) -> {
                json.writeName(channel);
                json.writeStartObject();
                json.writeStringProperty("epoch", position.epoch());
                json.writeNumberProperty("seq", position.sequence());
                json.writeEndObject();
            });
            json.writeEndObject();
        });
    }

    private static String command(String op, long id, Consumer<JsonGenerator> properties) {
        byte[] utf8 = Json.bytes(json -> {
            json.writeStartObject();
            json.writeStringProperty("op", op);
            json.writeNumberProperty("id", id);
            properties.accept(json);
            json.writeEndObject();
        });
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
