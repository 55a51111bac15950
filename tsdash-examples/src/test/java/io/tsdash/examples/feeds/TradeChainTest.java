package io.tsdash.examples.feeds;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.examples.feeds.Exchange.TradeIds;
import io.tsdash.examples.feeds.TradeChain.Link;
import io.tsdash.examples.feeds.TradeChain.Range;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class TradeChainTest {

    @Property(tries = 500)
    void deliversEachIdOnceAndKnowsWhichAreMissing(
            @ForAll @Size(min = 1, max = 200) List<@IntRange(min = 1, max = 120) Integer> ids) {
        TradeChain chain = new TradeChain(TradeIds.CONSECUTIVE);
        Set<Long> delivered = new HashSet<>();
        long first = ids.get(0);
        for (int each : ids) {
            long last = chain.last();
            boolean isNew = each >= first && !delivered.contains((long) each);
            Link link = chain.add(each);
            assertThat(link != Link.KNOWN).isEqualTo(isNew);
            assertThat(link == Link.AFTER_GAP).isEqualTo(!delivered.isEmpty() && each > last + 1);
            if (isNew) {
                delivered.add((long) each);
            }
            for (long id = first; id <= chain.last(); id++) {
                boolean missing = chain.firstMissing(id, id).isPresent();
                assertThat(missing).isEqualTo(!delivered.contains(id));
            }
        }
    }

    @Test
    void tellsTheFirstMissingWithinARange() {
        TradeChain chain = new TradeChain(TradeIds.CONSECUTIVE);
        chain.add(10);
        chain.add(20);
        chain.add(30);
        assertThat(chain.firstMissing(11, 29)).contains(new Range(11, 19));
        assertThat(chain.firstMissing(15, 17)).contains(new Range(15, 17));
        assertThat(chain.firstMissing(20, 29)).contains(new Range(21, 29));
        assertThat(chain.firstMissing(20, 20)).isEmpty();
        assertThat(chain.firstMissing(30, 99)).isEmpty();
    }

    @Test
    void expectsWhatItIsToldOf() {
        TradeChain chain = new TradeChain(TradeIds.CONSECUTIVE);
        assertThat(chain.expect(5)).isEmpty(); // where it begins is not known yet
        chain.beginAfter(5);
        assertThat(chain.expect(5)).isEmpty();
        assertThat(chain.expect(8)).isEqualTo(Optional.of(new Range(6, 8)));
        assertThat(chain.add(7)).isEqualTo(Link.FILLS);
        assertThat(chain.add(7)).isEqualTo(Link.KNOWN);
        assertThat(chain.add(5)).isEqualTo(Link.KNOWN);
        assertThat(chain.add(9)).isEqualTo(Link.NEW);
    }

    @Test
    void idsThatAreOnlyUniqueShowNoGaps() {
        TradeChain chain = new TradeChain(TradeIds.UNIQUE);
        assertThat(chain.add(900)).isEqualTo(Link.NEW);
        assertThat(chain.add(100)).isEqualTo(Link.NEW);
        assertThat(chain.add(900)).isEqualTo(Link.KNOWN);
        assertThat(chain.firstMissing(0, 10_000)).isEmpty();
    }
}
