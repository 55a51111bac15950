package io.tsdash.benchmarks;

import com.google.protobuf.CodedOutputStream;
import io.tsdash.delta.ByteWriter;
import io.tsdash.delta.DeltaEncoder;
import io.tsdash.delta.RecordBuffer;
import io.tsdash.delta.RecordHistory;
import io.tsdash.distribution.MarketSchemas;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * One quote's update (time, bid, ask and their sizes of a row that is known) into a buffer that is used again: the
 * compact form beside what a careful user of each library would write for the same fields.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class EncodingBenchmark {
    private static final int UPDATES = 1_024;
    private static final int TIME = 1;
    private static final int BID = 2;
    private static final int ASK = 3;
    private static final int BID_SIZE = 4;
    private static final int ASK_SIZE = 5;
    private static final long FIELDS = 0b111110;
    private static final String SYMBOL = "BTCUSDT";

    private final RecordBuffer[] states = new RecordBuffer[UPDATES];
    private final ByteWriter out = new ByteWriter(1 << 12);
    private final DeltaEncoder encoder = new DeltaEncoder(out);
    private final RecordBuffer live = new RecordBuffer(MarketSchemas.PRICE);
    private final RecordHistory history = new RecordHistory(MarketSchemas.PRICE);
    private final byte[] protobufBytes = new byte[256];
    private final ByteArrayOutputStream jsonBytes = new ByteArrayOutputStream(1 << 10);
    private final JsonFactory json = JsonFactory.builder()
            .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
            .build();
    private final MessageBufferPacker packer = MessagePack.newDefaultBufferPacker();
    private int at;
    private long sequence;

    /** Makes the updates: moves of some ticks, as on a busy book. */
    public EncodingBenchmark() {
        Random random = new Random(1);
        long mid = 6_183_763;
        long nanos = 1_723_161_254_087_891_268L;
        for (int i = 0; i < UPDATES; i++) {
            mid += random.nextInt(21) - 10;
            nanos += random.nextInt(50_000_000);
            RecordBuffer state = new RecordBuffer(MarketSchemas.PRICE);
            state.setText(0, SYMBOL);
            state.setLong(TIME, nanos);
            state.setDouble(BID, mid / 100.0);
            state.setDouble(ASK, (mid + 1) / 100.0);
            state.setDouble(BID_SIZE, random.nextInt(1_000_000) / 100_000.0);
            state.setDouble(ASK_SIZE, random.nextInt(1_000_000) / 100_000.0);
            states[i] = state;
        }
    }

    /** The compact form, encoding alone. */
    @Benchmark
    public int compact() {
        RecordBuffer before = states[at];
        RecordBuffer now = next();
        out.reset();
        encoder.write(now, FIELDS, before.mantissas());
        return out.size();
    }

    /** The compact form with all that belongs to it: setting the fields, finding what changed, keeping the base. */
    @Benchmark
    public int compactWithChangeAndHistory() {
        RecordBuffer now = next();
        live.setLong(TIME, now.getLong(TIME));
        live.setDouble(BID, now.getDouble(BID));
        live.setDouble(ASK, now.getDouble(ASK));
        live.setDouble(BID_SIZE, now.getDouble(BID_SIZE));
        live.setDouble(ASK_SIZE, now.getDouble(ASK_SIZE));
        long changed = live.takeChanged();
        long previous = sequence;
        sequence++;
        history.changed(sequence);
        out.reset();
        encoder.write(live, changed, history.at(previous));
        history.keep(live, sequence);
        return out.size();
    }

    /** Jackson's streaming writer. */
    @Benchmark
    public int jackson() {
        RecordBuffer now = next();
        jsonBytes.reset();
        try (JsonGenerator writer = json.createGenerator(ObjectWriteContext.empty(), jsonBytes)) {
            writer.writeStartObject();
            writer.writeStringProperty("symbol", SYMBOL);
            writer.writeNumberProperty("time", now.getLong(TIME));
            writer.writeNumberProperty("bid", now.getDouble(BID));
            writer.writeNumberProperty("ask", now.getDouble(ASK));
            writer.writeNumberProperty("bidSize", now.getDouble(BID_SIZE));
            writer.writeNumberProperty("askSize", now.getDouble(ASK_SIZE));
            writer.writeEndObject();
        }
        return jsonBytes.size();
    }

    /** protobuf-java's coded stream, by hand and without message objects: its fastest way. */
    @Benchmark
    public int protobuf() throws IOException {
        RecordBuffer now = next();
        CodedOutputStream writer = CodedOutputStream.newInstance(protobufBytes);
        writer.writeString(1, SYMBOL);
        writer.writeInt64(4, now.getLong(TIME));
        writer.writeDouble(6, now.getDouble(BID));
        writer.writeDouble(7, now.getDouble(ASK));
        writer.writeDouble(8, now.getDouble(BID_SIZE));
        writer.writeDouble(9, now.getDouble(ASK_SIZE));
        writer.flush();
        return writer.getTotalBytesWritten();
    }

    /** msgpack-core, an array without names: its shortest way. */
    @Benchmark
    public long msgpack() throws IOException {
        RecordBuffer now = next();
        packer.clear();
        packer.packArrayHeader(6);
        packer.packString(SYMBOL);
        packer.packLong(now.getLong(TIME));
        packer.packDouble(now.getDouble(BID));
        packer.packDouble(now.getDouble(ASK));
        packer.packDouble(now.getDouble(BID_SIZE));
        packer.packDouble(now.getDouble(ASK_SIZE));
        packer.flush();
        return packer.getTotalWrittenBytes();
    }

    private RecordBuffer next() {
        at = (at + 1) & (UPDATES - 1);
        return states[at];
    }
}
