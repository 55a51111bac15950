package io.tsdash.benchmarks.cost;

import io.tsdash.benchmarks.Measured;
import io.tsdash.benchmarks.fanout.Subscribers;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.HubListener;
import io.tsdash.distribution.MarketChannels;
import io.tsdash.model.Trade;
import io.tsdash.store.MarketStore;
import io.tsdash.trace.TraceContext;
import io.tsdash.trace.TracedTrade;
import io.tsdash.trace.TradeTraces;
import io.tsdash.transport.TsdashServer;
import io.tsdash.transport.TsdashServerBuilder;
import java.io.IOException;
import java.util.List;

/**
 * An update of a price to one of 300 clients on WebSockets, each of which follows 50 of 500 symbols and wants each change at
 * once; the clients are not counted. All symbols change 50 times a second. Traces begin with the channels.
 */
public final class SocketsPath implements CostlyPath {
    private static final int CLIENTS = 300;
    private static final int FOLLOWED = 50;
    private static final int TICKS = 50;
    private static final int TICK_MILLISECONDS = 20;

    private final Tape tape = new Tape();
    private final TradeTraces traces;
    private final Hub hub;
    private final MarketChannels channels;
    private final TsdashServer server;
    private final Subscribers clients;

    /**
     * @param measured whether with metrics
     * @param traces follows some of the trades, or none
     */
    public SocketsPath(boolean measured, TradeTraces traces) throws IOException, InterruptedException {
        this.traces = traces;
        Measured metrics = new Measured();
        hub = Hub.builder()
                .listener(measured ? metrics.joined(HubListener.none()) : HubListener.none())
                .build();
        channels = MarketChannels.builder(hub).traces(traces).build();
        hub.start();
        TsdashServerBuilder builder =
                TsdashServer.builder(hub, MarketStore.inMemory()).port(0);
        server = (measured ? metrics.measure(builder) : builder).start();
        channels.declare("feed", tape.symbols());
        clients = Subscribers.counting(server.port(), CLIENTS, Tape.SYMBOLS, FOLLOWED);
    }

    @Override
    public int round() throws InterruptedException {
        Pace pace = new Pace();
        for (int i = 0; i < TICKS; i++) {
            pace.awaitMilliseconds(i * TICK_MILLISECONDS);
            List<Trade> tick = tape.nextOfEach();
            tick.forEach(this::begin);
            channels.events("feed", tick);
        }
        pace.awaitMilliseconds(TICKS * TICK_MILLISECONDS);
        return TICKS * CLIENTS * FOLLOWED;
    }

    private void begin(Trade trade) {
        TracedTrade traced = traces.received(trade);
        if (traced != null) {
            traced.published();
            traced.cameToBars("bus");
            traced.stored("nowhere", TraceContext.NONE, 0); // the other end of its way, where nobody is
        }
    }

    @Override
    public long othersNanos() {
        return clients.cpuNanos();
    }

    @Override
    public void close() {
        clients.close();
        server.close();
        hub.close();
    }
}
