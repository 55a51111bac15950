package io.tsdash.examples.recipes;

import io.opentelemetry.api.OpenTelemetry;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.MarketChannels;
import io.tsdash.model.Trade;
import io.tsdash.observability.trace.OpenTelemetryTracer;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.Tracer;
import io.tsdash.trace.TradeSample;
import io.tsdash.trace.TradeTraceListener;
import io.tsdash.trace.TradeTraces;
import java.util.List;
import java.util.stream.LongStream;

/** A share of the trades followed by OpenTelemetry, ten a second at most; which ones their identity decides, so all servers choose the same. */
public final class TracedTrades {
    private static final long HALF_PAST_TWO = 1_723_127_400_000_000_000L; // 2024-08-08T14:30Z
    private static final int TRADES = 100_000;

    private TracedTrades() {}

    /** Prints how many of a hundred thousand trades are followed. */
    public static void main(String[] args) throws InterruptedException {
        OpenTelemetry openTelemetry = OpenTelemetry.noop(); // yours: an OpenTelemetrySdk with an exporter
        TimeSource time = TimeSource.system();
        try (Hub hub = Hub.builder().build()) {
            Tracer tracer = new OpenTelemetryTracer(openTelemetry);
            TradeTraces traces = new TradeTraces(tracer, new TradeSample(0.001, 10), TradeTraceListener.none(), time);
            MarketChannels channels = MarketChannels.builder(hub).traces(traces).build();

            channels.declare("feed", List.of("AAPL"));
            long followed = LongStream.range(0, TRADES)
                    .mapToObj(i -> Trade.of("AAPL", HALF_PAST_TWO + i * 10_000, i, 150.25, 100))
                    .filter(traces::covers)
                    .count();
            System.out.println("followed: " + followed + " of " + TRADES);
        }
    }
}
