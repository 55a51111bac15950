package io.tsdash.examples.recipes;

import io.tsdash.aggregation.BarAggregator;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import java.time.Duration;

/** What a late trade, a cancel, a correction, a duplicate and a trade that is too late do to bars. */
public final class RevisedBars {
    private static final long HALF_PAST_TWO = 1_723_127_400_000_000_000L; // 2024-08-08T14:30Z
    private static final long SECOND = 1_000_000_000L;

    private RevisedBars() {}

    /** Prints each bar as it is sent, and each trade that is in none. */
    public static void main(String[] args) {
        BarAggregator bars = BarAggregator.builder(bar -> System.out.println(bar.state() + " revision " + bar.revision()
                        + ": close " + bar.close() + ", volume " + bar.volume()))
                .intervals(Interval.parse("1m"))
                .lateness(Duration.ofSeconds(10))
                .setAside((trade, outcome) -> System.out.println("trade " + trade.sequence() + " is " + outcome))
                .build();

        Trade first = trade(5, 1, 150.25, 100);
        Trade second = trade(58, 2, 150.5, 200);
        bars.add(first);
        bars.add(second);
        bars.add(trade(62, 3, 150.4, 50)); // its symbol's clock passes 14:31: the bar of 14:30 is sent as closed

        Trade late = trade(59, 4, 150.75, 10);
        bars.add(late); // three seconds late, within the ten: revision 1 at the next flush
        bars.flush();

        bars.add(Trade.cancel("AAPL", late.eventTimeNanos(), late.sequence(), late.receiveTimeNanos()));
        bars.flush();

        bars.add(second.correctedTo(150.45, 200));
        bars.flush();

        bars.add(second); // known in a higher version
        bars.add(first); // 57 s behind its symbol's clock
        bars.close();
    }

    private static Trade trade(long second, long sequence, double price, double volume) {
        return Trade.of("AAPL", HALF_PAST_TWO + second * SECOND, sequence, price, volume);
    }
}
