package io.tsdash.kafka.streams;

import io.tsdash.aggregation.BarAggregator;
import io.tsdash.aggregation.RollingAverage;
import io.tsdash.aggregation.VolumeProfile;
import io.tsdash.aggregation.VolumeProfileAggregator;
import io.tsdash.error.ConfigurationException;
import io.tsdash.error.InvalidInputException;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Trade;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Core's aggregation as the processor of one task, that is, of one partition.
 *
 * <p>The live aggregators are ordinary objects, as fast as in process. Their state goes to the store, and so to its
 * changelog, only when the task is about to commit ({@link CommitHooks}): only what changed since the last time. Nothing
 * is processed between that and the commit, so the changelog of a committed transaction is the state after exactly the
 * input whose offsets it commits, and the records it sent are those of exactly that input. A task that starts elsewhere
 * loads that state and reads on from those offsets. Single-threaded, as every processor.
 */
final class AggregationProcessor implements Processor<byte[], byte[], Object, Object> {
    private static final long AHEAD_MAX_NANOS = 10_000_000_000L; // as the aggregation's own bound
    private static final Bytes MARK = Bytes.wrap(new byte[] {0});
    private static final byte[] MARKED = {1};
    private static final int BARS = 1;
    private static final int PROFILES = 2;
    private static final int AVERAGES = 3;

    private final AggregationSettings settings;
    private final CommitHooks hooks;
    private final Map<Interval, String> barSinks = new HashMap<>();
    private final String deadLetterSink;
    private final Runnable save = this::save;

    private @Nullable Live live; // from init on

    AggregationProcessor(AggregationSettings settings, CommitHooks hooks) {
        this.settings = settings;
        this.hooks = hooks;
        for (Interval interval : settings.intervals()) {
            barSinks.put(interval, settings.sink(settings.barTopic(interval)));
        }
        deadLetterSink = settings.sink(settings.deadLetterTopic());
    }

    @Override
    public void init(ProcessorContext<Object, Object> context) {
        Object guarantee = context.appConfigs().get(StreamsConfig.PROCESSING_GUARANTEE_CONFIG);
        if (!StreamsConfig.EXACTLY_ONCE_V2.equals(guarantee)) {
            throw new ConfigurationException(List.of(StreamsConfig.PROCESSING_GUARANTEE_CONFIG + " was '" + guarantee
                    + "' but it must be exactly_once_v2: otherwise a crash would tear the state apart"));
        }
        live = new Live(context);
        hooks.set(context.taskId(), save);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        live().process(record);
    }

    @Override
    public void close() {
        // The hook stays: a last commit may follow, and the next processor of this task sets its own.
    }

    private void save() {
        live().save();
    }

    private Live live() {
        Live now = live;
        if (now == null) {
            throw new IllegalStateException("processor was used before it was initialised");
        }
        return now;
    }

    /** What there is between one init and the next. */
    private final class Live {
        private final ProcessorContext<Object, Object> context;
        private final KeyValueStore<Bytes, byte[]> marks;
        private final BarAggregator bars;
        private final StorePieces barPieces;
        private final @Nullable VolumeProfileAggregator profiles;
        private final StorePieces profilePieces;
        private final @Nullable RollingAverage averages;
        private final StorePieces averagePieces;
        private final String profileSink;
        private final String averageSink = settings.sink(settings.averageTopic());
        private final Set<String> averagesToSend = new LinkedHashSet<>();
        private boolean marked;
        private boolean sentSomething;
        private long nowNanos;

        Live(ProcessorContext<Object, Object> context) {
            this.context = context;
            marks = context.getStateStore(settings.hookStore());
            KeyValueStore<Bytes, byte[]> state = context.getStateStore(settings.stateStore());
            barPieces = new StorePieces(state, BARS);
            profilePieces = new StorePieces(state, PROFILES);
            averagePieces = new StorePieces(state, AVERAGES);
            bars = BarAggregator.builder(this::send)
                    .intervals(settings.intervals())
                    .lateness(settings.lateness())
                    .closeDelay(settings.closeDelay())
                    .idleTimeout(settings.idleTimeout())
                    .setAside(settings.listener()::onSetAside)
                    .build();
            bars.load(0, barPieces);
            Interval profileInterval = settings.profileInterval();
            profileSink = profileInterval == null ? "" : settings.sink(settings.profileTopic(profileInterval));
            profiles = profileInterval == null
                    ? null
                    : VolumeProfileAggregator.of(
                            profileInterval,
                            settings.profileStep(),
                            settings.lateness(),
                            this::send,
                            (trade, outcome) -> {}); // told by the bars, which have the same rules
            if (profiles != null) {
                profiles.load(profilePieces);
            }
            averages = settings.averageSize() == null ? null : new RollingAverage(settings.averageSize());
            if (averages != null) {
                averages.load(averagePieces);
                averagesToSend.addAll(averages.symbols()); // perhaps again, with the same content
            }
            context.schedule(settings.flushInterval(), PunctuationType.WALL_CLOCK_TIME, millis -> tick());
            settings.listener().onRestored(context.taskId().partition(), barPieces.count());
        }

        void process(Record<byte[], byte[]> record) {
            MarketEvent event;
            try {
                event = settings.reader().read(record.headers(), record.value());
            } catch (InvalidInputException e) {
                deadLetter(record, String.valueOf(e.getMessage()));
                return;
            }
            if (!(event instanceof Trade trade)) {
                return; // quotes share the topic, and are in no bar
            }
            if (isTooFarAhead(trade)) {
                deadLetter(
                        record,
                        "eventTimeNanos was '" + trade.eventTimeNanos()
                                + "' but it must not be more than 10 s ahead of when the trade was seen");
                return;
            }
            bars.add(trade);
            if (profiles != null) {
                profiles.add(trade);
            }
            if (averages != null && !averages.add(trade).isSetAside()) {
                averagesToSend.add(trade.symbol());
            }
            mark();
        }

        /** Writes to the store what changed since the last time. */
        void save() {
            marked = false;
            bars.save(0, barPieces);
            if (profiles != null) {
                profiles.save(profilePieces);
            }
            if (averages != null) {
                averages.save(averagePieces);
            }
        }

        private void tick() {
            long monotonicNanos = settings.time().monotonicNanos();
            nowNanos = settings.time().epochNanos();
            bars.advanceIdle(monotonicNanos);
            bars.flush();
            if (profiles != null) {
                profiles.advanceIdle(monotonicNanos);
                profiles.flush();
            }
            if (averages != null) {
                for (String symbol : averagesToSend) {
                    averages.latest(symbol).ifPresent(value -> forward(symbol, value, averageSink));
                }
                averagesToSend.clear();
            }
            if (sentSomething) {
                mark();
            }
        }

        /** Makes sure that {@link #save} runs before the next commit. Comes after all changes of a step. */
        private void mark() {
            sentSomething = false;
            if (!marked) {
                marked = true;
                marks.put(MARK, MARKED);
            }
        }

        /** By when it was received, and by our own clock, because receive times may be wrong too. */
        private boolean isTooFarAhead(Trade trade) {
            long latest = trade.eventTimeNanos() - AHEAD_MAX_NANOS;
            if (latest > trade.receiveTimeNanos()) {
                return true;
            }
            if (latest > nowNanos) {
                nowNanos = settings.time().epochNanos();
            }
            return latest > nowNanos;
        }

        private void deadLetter(Record<byte[], byte[]> record, String reason) {
            RecordMetadata origin = context.recordMetadata().orElseThrow();
            context.forward(
                    DeadLetter.of(record, origin, reason).withTimestamp(context.currentSystemTimeMs()), deadLetterSink);
            settings.listener().onDeadLetter(origin.topic(), origin.partition(), origin.offset(), reason);
        }

        private void send(Bar bar) {
            String key = new WindowKey(bar.symbol(), bar.openTimeNanos()).text();
            forward(key, bar, barSinks.get(bar.interval()));
        }

        private void send(VolumeProfile profile) {
            forward(new WindowKey(profile.symbol(), profile.openTimeNanos()).text(), profile, profileSink);
        }

        /**
         * Sends with the time of day: with event times, the broker would delete at once what is replayed from long ago, and
         * refuse what lies ahead.
         */
        private void forward(String key, Object value, @Nullable String sink) {
            sentSomething = true;
            context.forward(new Record<>(key, value, context.currentSystemTimeMs()), sink);
        }
    }
}
