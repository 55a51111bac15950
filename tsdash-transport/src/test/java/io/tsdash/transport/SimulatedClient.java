package io.tsdash.transport;

import io.tsdash.client.Replica;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.MessageCodec;
import io.tsdash.distribution.Position;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.distribution.Session;
import io.tsdash.distribution.SessionOutput;
import io.tsdash.distribution.SubscribeCommand;
import io.tsdash.distribution.WireCode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A client over a network that the test holds in its hand: frames arrive when it says so, or never. */
final class SimulatedClient {
    final Replica replica = Replica.keepingLogRows(100_000);
    final List<String> names;
    final int intervalMillis;
    final @Nullable WireCodec form;
    private final WireCodec.@Nullable Decoder decoder;
    final List<String> complaints = new ArrayList<>();
    final Map<String, Set<String>> seen = new HashMap<>();
    Consumer<ServerMessage> observer = message -> {};
    int gaps;
    int resets;
    int resumes;
    int closes;
    private String lastEventId = "";
    private @Nullable Link link;
    private @Nullable Session session;

    SimulatedClient(List<String> names, int intervalMillis, @Nullable WireCodec form) {
        this.names = names;
        this.intervalMillis = intervalMillis;
        this.form = form;
        this.decoder = form == null ? null : form.decoder();
    }

    boolean isConnected() {
        return link != null && !link.closed;
    }

    void connect(SimulatedServer server) {
        connect(server.hub, server.codecs);
    }

    void connect(Hub hub, SimulatedServer.Codecs codecs) {
        Link fresh = new Link();
        link = fresh;
        MessageCodec codec = form == null ? codecs.sse : codecs.of(form);
        Session opened = hub.open(fresh, codec, Protocol.STREAM_KINDS);
        session = opened;
        opened.accept(new SubscribeCommand(
                1,
                names,
                intervalMillis,
                form == null ? Map.of() : replica.positions(),
                form == null ? lastEventId : ""));
    }

    /** Loses the connection and all that is on its way. */
    void cut() {
        if (session != null) {
            session.close();
        }
        link = null;
        session = null;
    }

    /** Lets one frame arrive. */
    boolean deliver() {
        byte[] frame = link == null ? null : link.flying.poll();
        if (frame == null || link == null) {
            return false;
        }
        link.bytes -= frame.length;
        receive(frame);
        return true;
    }

    /** Lets some bytes of a frame arrive, and then the connection breaks. A part of a WebSocket's frame is nothing. */
    void deliverPartAndCut(Random random) {
        byte[] frame = link == null ? null : link.flying.poll();
        if (frame != null && form == null) {
            receive(Arrays.copyOf(frame, random.nextInt(frame.length + 1)));
        }
        cut();
    }

    /** Loses one frame in the middle, which TCP would not. */
    void lose() {
        byte[] lost = link == null ? null : link.flying.poll();
        if (lost != null && link != null) {
            link.bytes -= lost.length;
        }
    }

    private void receive(byte[] frame) {
        if (decoder != null) {
            apply(decoder.decode(frame));
            return;
        }
        String text = new String(frame, StandardCharsets.UTF_8);
        int end = text.lastIndexOf("\n\n");
        for (String event : end < 0 ? new String[0] : text.substring(0, end).split("\n\n", -1)) {
            String id = lastEventId;
            for (String line : event.split("\n", -1)) {
                if (line.startsWith("id: ")) {
                    id = line.substring(4);
                } else if (line.startsWith("data: ")) {
                    apply(MessageReader.read(line.substring(6).getBytes(StandardCharsets.UTF_8)));
                }
            }
            lastEventId = id;
        }
    }

    private void apply(List<ServerMessage> messages) {
        for (ServerMessage message : messages) {
            if (message instanceof ServerMessage.Failure failure) {
                complaints.add(failure.toString());
            }
            if (message instanceof ServerMessage.Resumed) {
                resumes++;
            }
            Replica.Outcome outcome = replica.apply(message);
            if (outcome == Replica.Outcome.RESET) {
                resets++;
            }
            if (outcome == Replica.Outcome.GAP) {
                gaps++;
                repair(message);
            } else {
                note(message, outcome);
                observer.accept(message);
            }
        }
    }

    /** Keeps what it saw of each log, by itself: what the replica keeps is under test. */
    private void note(ServerMessage message, Replica.Outcome outcome) {
        if (message instanceof ServerMessage.Snapshot snapshot && snapshot.key().isEmpty()) {
            if (outcome == Replica.Outcome.RESET) {
                seen.remove(snapshot.channel());
            }
            see(snapshot.channel(), snapshot.rows());
        } else if (message instanceof ServerMessage.Delta delta && isLog(delta.channel())) {
            see(delta.channel(), delta.rows());
        }
    }

    private void see(String channel, List<Map<String, @Nullable Object>> rows) {
        rows.forEach(row ->
                seen.computeIfAbsent(channel, any -> new LinkedHashSet<>()).add(RecoveryTest.id(row)));
    }

    private static boolean isLog(String channel) {
        return channel.startsWith("trades:") || channel.equals("news") || channel.equals("alerts");
    }

    /** Asks for the one channel: others may have a gap from before a restart, and not be back yet. */
    private void repair(ServerMessage message) {
        String channel = message instanceof ServerMessage.Delta delta
                ? delta.channel()
                : message instanceof ServerMessage.Resumed resumed ? resumed.channel() : "";
        Map<String, Position> positions =
                replica.position(channel).map(at -> Map.of(channel, at)).orElse(Map.of());
        if (session != null) {
            session.accept(new SubscribeCommand(2, List.of(channel), -1, positions, ""));
        }
    }

    /** One connection. */
    private final class Link implements SessionOutput {
        final ArrayDeque<byte[]> flying = new ArrayDeque<>();
        long bytes;
        int asked;
        boolean closed;

        @Override
        public void send(byte[] frame) {
            flying.add(frame);
            bytes += frame.length;
        }

        @Override
        public long queuedBytes() {
            return bytes;
        }

        /** Now and then the carrier has not come round yet. */
        @Override
        public boolean isBehind() {
            asked++;
            return asked % 7 == 3;
        }

        @Override
        public void close(WireCode code, String text) {
            closed = true;
            closes++;
        }
    }
}
