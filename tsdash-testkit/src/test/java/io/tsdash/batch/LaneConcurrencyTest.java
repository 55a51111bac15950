package io.tsdash.batch;

import io.tsdash.testkit.ManualTimeSource;
import io.tsdash.testkit.resilience.Interleavings;
import java.util.List;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/**
 * What write-behind hands over to the thread that writes: a bounded queue in which a newer value takes the place of one of its key
 * that waits. Whatever threads do to it together, there is an order of their calls that explains what they got: no value is lost,
 * none comes twice, and none comes before one of its key that was put earlier. One thread takes, as in use.
 */
@Param(name = "key", gen = IntGen.class, conf = "1:3")
@Param(name = "value", gen = IntGen.class, conf = "1:9")
public class LaneConcurrencyTest {
    private final Lane<List<Integer>> lane =
            new Lane<>(Waiting.newest(item -> item.get(0)), 2, 1, 0, new ManualTimeSource(0));

    /** Returns whether there was room. */
    @Operation
    public boolean offer(@Param(name = "key") int key, @Param(name = "value") int value) throws InterruptedException {
        return lane.add(List.of(List.of(key, value)), 0) == 1;
    }

    /** Returns what was first; nothing when nothing waited. */
    @Operation(nonParallelGroup = "writer")
    public String take() throws InterruptedException {
        if (lane.queued() == 0) {
            return "";
        }
        String first = lane.take().toString();
        lane.done(1);
        return first;
    }

    @Operation
    public int queued() {
        return lane.queued();
    }

    @Operation
    public long conflated() {
        return lane.conflated();
    }

    @Test
    void isLinearizable() {
        Interleavings.check(LaneConcurrencyTest.class, 2);
    }
}
