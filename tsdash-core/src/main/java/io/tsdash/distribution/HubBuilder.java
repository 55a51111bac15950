package io.tsdash.distribution;

import io.tsdash.error.ConfigurationException;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Sets up a {@link Hub}. Single-threaded. */
public final class HubBuilder {
    private TimeSource time = TimeSource.system();
    private HubListener listener = HubListener.none();
    private String epoch = "";
    private boolean copies;
    private String server = "tsdash";
    private int channelsMax = 20_000;
    private int subscriptionsMax = 1_000;
    private int queueBytesMax = 1 << 20;
    private int frameBytesMax = 1 << 18;
    private int updatesMax = 256;
    private int commandsMax = 16_384;
    private Duration heartbeat = Duration.ofSeconds(5);
    private Duration stall = Duration.ofSeconds(30);

    HubBuilder() {}

    /** Sets the clocks; those of the machine by default. */
    public HubBuilder time(TimeSource value) {
        time = value;
        return this;
    }

    /** Sets who learns of what was conflated, skipped, closed and refused. */
    public HubBuilder listener(HubListener value) {
        listener = value;
        return this;
    }

    /** Sets the epoch; made from the clock by default. Must differ from any earlier one unless history was kept. */
    public HubBuilder epoch(String value) {
        epoch = value;
        return this;
    }

    /**
     * Makes it a hub of copies: its channels come from a {@link ChannelsDecoder} and are numbered by their source. Channels
     * that come into being here are beside them, with an epoch and numbers of this hub's own.
     */
    public HubBuilder copies() {
        copies = true;
        return this;
    }

    /** Sets name and version that clients are greeted with. */
    public HubBuilder server(String value) {
        server = value;
        return this;
    }

    /** Sets how many channels there may be; 20,000 by default. */
    public HubBuilder channelsMax(int value) {
        channelsMax = value;
        return this;
    }

    /** Sets how many names and patterns a session may subscribe to; 1,000 by default. */
    public HubBuilder subscriptionsMax(int value) {
        subscriptionsMax = value;
        return this;
    }

    /** Sets how many bytes may wait for one session before it is skipped; 1 MiB by default. */
    public HubBuilder queueBytesMax(int value) {
        queueBytesMax = value;
        return this;
    }

    /** Sets the size above which a frame is ended; 256 KiB by default. */
    public HubBuilder frameBytesMax(int value) {
        frameBytesMax = value;
        return this;
    }

    /** Sets how many batches may wait before publishers do; 256 by default. */
    public HubBuilder updatesMax(int value) {
        updatesMax = value;
        return this;
    }

    /** Sets how many commands of all sessions may wait; 16,384 by default. */
    public HubBuilder commandsMax(int value) {
        commandsMax = value;
        return this;
    }

    /** Sets how often each session gets a heartbeat; 5 s by default. */
    public HubBuilder heartbeat(Duration value) {
        heartbeat = value;
        return this;
    }

    /** Sets how long a session may take nothing before it is closed; 30 s by default. */
    public HubBuilder stall(Duration value) {
        stall = value;
        return this;
    }

    /**
     * Makes the hub; {@link Hub#start} gives it a thread.
     *
     * @throws ConfigurationException naming everything that is wrong
     */
    public Hub build() {
        List<String> problems = new ArrayList<>();
        atLeast(problems, "channelsMax", channelsMax, 1);
        atLeast(problems, "subscriptionsMax", subscriptionsMax, 1);
        atLeast(problems, "queueBytesMax", queueBytesMax, 1);
        atLeast(problems, "frameBytesMax", frameBytesMax, 1);
        atLeast(problems, "updatesMax", updatesMax, 1);
        atLeast(problems, "commandsMax", commandsMax, 1);
        atLeast(problems, "heartbeat in ms", heartbeat.toMillis(), 1);
        atLeast(problems, "stall in ms", stall.toMillis(), 1);
        if (epoch.indexOf('-') >= 0) {
            problems.add("epoch was '" + epoch + "' but it must not hold '-'");
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        HubConfig config = new HubConfig(
                channelsMax, subscriptionsMax, queueBytesMax, frameBytesMax, updatesMax, commandsMax, heartbeat, stall);
        String life = epoch.isEmpty() ? Long.toString(time.epochNanos(), Character.MAX_RADIX) : epoch;
        return new Hub(config, time, listener, life, copies, server);
    }

    private static void atLeast(List<String> problems, String option, long value, long min) {
        if (value < min) {
            problems.add(option + " was '" + value + "' but it must be at least " + min);
        }
    }
}
