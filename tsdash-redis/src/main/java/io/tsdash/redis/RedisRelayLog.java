package io.tsdash.redis;

import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XReadArgs;
import io.tsdash.error.ConfigurationException;
import io.tsdash.relay.Lease;
import io.tsdash.relay.RelayEntry;
import io.tsdash.relay.RelayLog;
import io.tsdash.time.TimeSource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A {@link RelayLog} on Redis: entries in a stream that is trimmed, the snapshot in a hash, the lease in a key with a time to
 * live. Whoever writes shows its token, which is looked at in the same step ({@link RelayScripts}), so that a leader whose lease
 * has run out writes nothing.
 *
 * <p>Redis promises to keep what it acknowledged only as far as it is set up to: see {@code docs/high-availability.md}. A server
 * that restarted or took over from another is known by its replication id; the next lease then is not unbroken.
 *
 * <p>Two connections: one waits for entries, the other does the rest. All keys have one hash tag, so a cluster keeps them
 * together. Thread-safe.
 */
public final class RedisRelayLog implements RelayLog {
    private static final byte[] INDEX = bytes("index");
    private static final byte[] BYTES = bytes("bytes");
    private static final Duration LEASE_MIN = Duration.ofMillis(500);
    private static final int KEPT_MIN = 100;

    private final RedisConnection commands;
    private final RedisConnection reads;
    private final Duration blockMax;
    private final byte[] token = bytes(UUID.randomUUID().toString());
    private final byte[] leaseMillis;
    private final byte[] entriesKept;
    private final byte[] leaseKey;
    private final byte[] termKey;
    private final byte[] endKey;
    private final byte[] logKey;
    private final byte[] wholeKey;

    private RedisRelayLog(
            RedisConnection commands, RedisConnection reads, String name, Duration lease, int entriesKept) {
        this.commands = commands;
        this.reads = reads;
        this.blockMax = reads.options().timeout().dividedBy(2);
        this.leaseMillis = bytes(Long.toString(lease.toMillis()));
        this.entriesKept = bytes(Integer.toString(entriesKept));
        String prefix = "{tsdash:relay:" + name + "}:";
        this.leaseKey = bytes(prefix + "lease");
        this.termKey = bytes(prefix + "term");
        this.endKey = bytes(prefix + "end");
        this.logKey = bytes(prefix + "log");
        this.wholeKey = bytes(prefix + "whole");
    }

    /**
     * Connects.
     *
     * @param options where Redis is
     * @param name tells logs of one Redis apart: letters, digits, dots and dashes
     * @param lease how long a lease lasts, 500 ms or more
     * @param entriesKept how many of the newest entries are kept, 100 or more
     * @param listener hears when Redis goes and comes back
     * @param time the clocks
     * @throws ConfigurationException naming everything that is wrong
     * @throws io.tsdash.error.TsdashException as {@link RedisConnection#open} does
     */
    public static RedisRelayLog open(
            RedisOptions options,
            String name,
            Duration lease,
            int entriesKept,
            RedisListener listener,
            TimeSource time) {
        List<String> problems = new ArrayList<>();
        if (!name.matches("[A-Za-z0-9.-]{1,64}")) {
            problems.add("name was '" + name + "' but it must be 1 to 64 letters, digits, dots and dashes");
        }
        if (lease.compareTo(LEASE_MIN) < 0) {
            problems.add("lease was '" + lease + "' but it must be at least " + LEASE_MIN);
        }
        if (entriesKept < KEPT_MIN) {
            problems.add("entriesKept was '" + entriesKept + "' but it must be at least " + KEPT_MIN);
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        RedisConnection commands = RedisConnection.open(options, listener, time);
        try {
            RedisConnection reads = RedisConnection.open(options, RedisListener.NONE, time);
            return new RedisRelayLog(commands, reads, name, lease, entriesKept);
        } catch (RuntimeException e) {
            commands.close();
            throw e;
        }
    }

    @Override
    public Optional<Lease> acquire() {
        List<Long> answer = commands.ask(
                "taking the lease",
                redis -> redis.eval(
                        RelayScripts.ACQUIRE,
                        ScriptOutputType.MULTI,
                        new byte[][] {leaseKey, termKey, wholeKey},
                        token,
                        leaseMillis));
        long term = answer.get(0);
        return term == 0
                ? Optional.empty()
                : Optional.of(new Lease(term, new String(token, StandardCharsets.UTF_8), answer.get(1) == 1));
    }

    @Override
    public boolean renew(Lease lease) {
        return number("renewing the lease", RelayScripts.RENEW, new byte[][] {leaseKey}, token, leaseMillis) == 1;
    }

    @Override
    public void release(Lease lease) {
        number("giving the lease back", RelayScripts.RELEASE, new byte[][] {leaseKey}, token);
    }

    @Override
    public Written append(Lease lease, long after, RelayEntry entry) {
        return written(number(
                "writing an entry",
                RelayScripts.APPEND,
                new byte[][] {leaseKey, endKey, logKey},
                token,
                number(after),
                number(entry.index()),
                entriesKept,
                entry.bytes()));
    }

    @Override
    public Written keep(Lease lease, RelayEntry snapshot) {
        return written(number(
                "writing a snapshot",
                RelayScripts.KEEP,
                new byte[][] {leaseKey, wholeKey},
                token,
                number(snapshot.index()),
                snapshot.bytes()));
    }

    @Override
    public Optional<RelayEntry> snapshot() {
        List<KeyValue<byte[], byte[]>> found =
                commands.ask("reading the snapshot", redis -> redis.hmget(wholeKey, INDEX, BYTES));
        return found.get(0).hasValue() && found.get(1).hasValue()
                ? Optional.of(new RelayEntry(
                        number(found.get(0).getValue()), found.get(1).getValue()))
                : Optional.empty();
    }

    @Override
    public long end() {
        byte[] found = commands.ask("reading the end", redis -> redis.get(endKey));
        return found == null ? 0 : number(found);
    }

    @Override
    @SuppressWarnings("unchecked") // an array of one, made for the call
    public List<RelayEntry> read(long after, int max, Duration wait) {
        Duration block = wait.compareTo(blockMax) < 0 ? wait : blockMax;
        XReadArgs args = XReadArgs.Builder.count(max);
        if (block.toMillis() > 0) {
            args.block(block);
        }
        List<StreamMessage<byte[], byte[]>> found = reads.ask(
                "reading entries", redis -> redis.xread(args, XReadArgs.StreamOffset.from(logKey, after + "-0")));
        List<RelayEntry> entries = new ArrayList<>(found.size());
        for (StreamMessage<byte[], byte[]> each : found) {
            String id = each.getId();
            entries.add(new RelayEntry(
                    Long.parseLong(id.substring(0, id.indexOf('-'))),
                    each.getBody().values().iterator().next()));
        }
        return entries;
    }

    @Override
    public void close() {
        reads.close();
        commands.close();
    }

    private long number(String what, String script, byte[][] keys, byte[]... values) {
        return commands.ask(what, redis -> {
            RedisFuture<Long> answer = redis.eval(script, ScriptOutputType.INTEGER, keys, values);
            return answer;
        });
    }

    private static Written written(long answer) {
        return switch ((int) answer) {
            case 0 -> Written.NOT_LEADER;
            case 1 -> Written.DONE;
            default -> Written.DIVERGED;
        };
    }

    private static byte[] number(long value) {
        return bytes(Long.toString(value));
    }

    private static long number(byte[] digits) {
        return Long.parseLong(new String(digits, StandardCharsets.UTF_8));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
