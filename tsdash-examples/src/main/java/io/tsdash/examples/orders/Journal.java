package io.tsdash.examples.orders;

import io.tsdash.error.InvalidInputException;
import io.tsdash.error.PermanentException;
import io.tsdash.model.Side;
import io.tsdash.orders.OrderKey;
import io.tsdash.orders.OrderRequest;
import io.tsdash.orders.OrderType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Entries in a file, one JSON object a line, only ever appended to.
 *
 * <p>A last line that was cut off, by a kill or a full disk, was never acknowledged and is cut away at the next start; any
 * other line that cannot be read ends the start with its number. One process at a time. One thread at a time.
 */
final class Journal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final JsonFactory JSON = JsonFactory.builder().build();
    private static final String HEAD = "{\"journal\":\"tsdash-paper\",\"version\":1}\n";
    private static final int LINE_MAX = 1 << 14; // ten times what an entry can be

    private final Path path;
    private final FileChannel file;

    private Journal(Path path, FileChannel file) {
        this.path = path;
        this.file = file;
    }

    /**
     * Opens a journal, or begins one.
     *
     * @param entries is given each entry, oldest first
     * @throws PermanentException if the file cannot be used, says why
     */
    static Journal open(Path path, Consumer<Entry> entries) {
        try {
            Path folder = path.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            FileChannel file = FileChannel.open(
                    path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            Journal journal = new Journal(path, file);
            try {
                journal.begin(entries);
            } catch (IOException | RuntimeException e) {
                file.close();
                throw e;
            }
            return journal;
        } catch (IOException e) {
            throw new PermanentException("the journal " + path + " cannot be opened: " + e, e);
        }
    }

    private void begin(Consumer<Entry> entries) throws IOException {
        lock();
        long good = read(entries);
        if (good < file.size()) {
            LOG.warn(
                    "the journal {} ended in a line that was cut off; {} bytes are cut away", path, file.size() - good);
            file.truncate(good);
        }
        file.position(good);
        if (good == 0) {
            write(HEAD.getBytes(StandardCharsets.UTF_8));
        }
        file.force(true);
    }

    private void lock() throws IOException {
        try {
            if (file.tryLock() != null) {
                return;
            }
        } catch (OverlappingFileLockException e) {
            // Held by this process: the rule is the same.
        }
        throw new PermanentException("the journal " + path + " is in use: stop what uses it, or choose another file");
    }

    /** Returns how many bytes are whole lines. */
    private long read(Consumer<Entry> entries) throws IOException {
        InputStream in = Channels.newInputStream(file);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        byte[] buffer = new byte[1 << 16];
        long good = 0;
        long number = 0;
        int count;
        while ((count = in.read(buffer)) > 0) {
            for (int i = 0; i < count; i++) {
                if (buffer[i] != '\n') {
                    line.write(buffer[i]);
                    continue;
                }
                number++;
                take(number, line.toByteArray(), entries);
                good += line.size() + 1L;
                line.reset();
            }
            if (line.size() > LINE_MAX) {
                throw unreadable(number + 1, "a line must have at most " + LINE_MAX + " bytes");
            }
        }
        return good;
    }

    private void take(long number, byte[] line, Consumer<Entry> entries) {
        if (number == 1) {
            if (!HEAD.strip().equals(new String(line, StandardCharsets.UTF_8))) {
                throw unreadable(number, "it must be " + HEAD.strip());
            }
            return;
        }
        try {
            entries.accept(entry(line));
        } catch (InvalidInputException | IllegalArgumentException e) {
            throw unreadable(number, String.valueOf(e.getMessage()));
        } catch (JacksonException e) {
            throw unreadable(number, e.getOriginalMessage());
        }
    }

    private PermanentException unreadable(long line, String why) {
        return new PermanentException("line " + line + " of the journal " + path + " cannot be read: " + why);
    }

    /** Writes lines and returns when they are on the disk. */
    void append(List<byte[]> lines) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        lines.forEach(all::writeBytes);
        write(all.toByteArray());
        file.force(false);
    }

    private void write(byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            file.write(buffer);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    /** Returns an entry as a line. */
    static byte[] line(Entry entry) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeStringProperty("time", Long.toString(entry.timeNanos()));
            json.writeStringProperty("user", entry.key().user());
            json.writeStringProperty("clientOrderId", entry.key().clientOrderId());
            if (entry instanceof Entry.Placed placed) {
                OrderRequest request = placed.request();
                json.writeStringProperty("event", "placed");
                json.writeStringProperty("orderId", placed.orderId());
                json.writeStringProperty("symbol", request.symbol());
                json.writeStringProperty("side", request.side().name());
                json.writeStringProperty("type", request.type().name());
                if (request.type() == OrderType.LIMIT) {
                    json.writeNumberProperty("price", request.price());
                }
                json.writeNumberProperty("volume", request.volume());
            } else if (entry instanceof Entry.Filled filled) {
                json.writeStringProperty("event", "filled");
                json.writeNumberProperty("price", filled.price());
                json.writeNumberProperty("volume", filled.volume());
            } else {
                json.writeStringProperty("event", "cancelled");
            }
            json.writeEndObject();
        }
        out.write('\n');
        return out.toByteArray();
    }

    private static Entry entry(byte[] line) {
        Map<String, String> values = values(line);
        long time = Long.parseLong(value(values, "time"));
        OrderKey key = new OrderKey(value(values, "user"), value(values, "clientOrderId"));
        return switch (value(values, "event")) {
            case "placed" ->
                new Entry.Placed(
                        time,
                        value(values, "orderId"),
                        new OrderRequest(
                                key.user(),
                                key.clientOrderId(),
                                value(values, "symbol"),
                                Side.valueOf(value(values, "side")),
                                OrderType.valueOf(value(values, "type")),
                                Double.parseDouble(values.getOrDefault("price", "NaN")),
                                Double.parseDouble(value(values, "volume"))));
            case "filled" ->
                new Entry.Filled(
                        time, key, Double.parseDouble(value(values, "price")), new BigDecimal(value(values, "volume")));
            case "cancelled" -> new Entry.Cancelled(time, key);
            default -> throw InvalidInputException.of("event", value(values, "event"), "must be one that is known");
        };
    }

    private static String value(Map<String, String> values, String name) {
        String value = values.get(name);
        if (value == null) {
            throw new InvalidInputException(name + " was missing but each such entry has it");
        }
        return value;
    }

    private static Map<String, String> values(byte[] line) {
        Map<String, String> values = new HashMap<>();
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), line)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new InvalidInputException("it was no JSON object");
            }
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = json.currentName();
                json.nextToken();
                values.put(name, json.getString());
            }
        }
        return values;
    }
}
