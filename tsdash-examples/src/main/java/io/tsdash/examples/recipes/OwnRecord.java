package io.tsdash.examples.recipes;

import io.tsdash.delta.ByteReader;
import io.tsdash.delta.ByteWriter;
import io.tsdash.delta.DeltaDecoder;
import io.tsdash.delta.DeltaEncoder;
import io.tsdash.delta.Field;
import io.tsdash.delta.FieldKind;
import io.tsdash.delta.RecordBuffer;
import io.tsdash.delta.RecordHistory;
import io.tsdash.delta.RecordSchema;
import java.util.Locale;

/** A record of one's own as a snapshot and deltas in a few bytes each; no server and no network is needed. */
public final class OwnRecord {
    private static final int DESK = 0;
    private static final int EXPOSURE = 1;
    private static final int SIDE = 2;
    private static final RecordSchema RISK = RecordSchema.of(
            Field.of("desk", FieldKind.TEXT),
            Field.of("exposure", FieldKind.DOUBLE),
            Field.text("side", "LONG", "SHORT"));

    private OwnRecord() {}

    /** Prints what each message takes and what its reader then has. */
    public static void main(String[] args) {
        RecordBuffer risk = new RecordBuffer(RISK);
        RecordHistory history = new RecordHistory(RISK);
        RecordBuffer reader = new RecordBuffer(RISK);
        long sequence = 0;
        for (double exposure : new double[] {1_250_000.25, 1_250_000.5, 1_249_998.75, -400.5}) {
            risk.setText(DESK, "rates");
            risk.setDouble(EXPOSURE, exposure);
            risk.setText(SIDE, exposure < 0 ? "SHORT" : "LONG");
            long changed = risk.takeChanged();
            long previous = sequence;
            sequence++;
            history.changed(sequence);

            ByteWriter message = new ByteWriter(64);
            new DeltaEncoder(message).write(risk, changed, history.at(previous));
            history.keep(risk, sequence);

            new DeltaDecoder(new ByteReader(message.toByteArray())).read(reader);
            System.out.printf(
                    Locale.ROOT,
                    "%d bytes: %s %s %s%n",
                    message.size(),
                    reader.getText(DESK),
                    reader.getDouble(EXPOSURE),
                    reader.getText(SIDE));
        }
    }
}
