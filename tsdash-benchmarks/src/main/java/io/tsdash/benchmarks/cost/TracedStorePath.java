package io.tsdash.benchmarks.cost;

import io.tsdash.duckdb.DuckDbMarketStore;
import io.tsdash.duckdb.DuckDbOptions;
import io.tsdash.model.Trade;
import io.tsdash.pipeline.TracedWrites;
import io.tsdash.store.MarketStore;
import io.tsdash.store.writer.StoreWriter;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.TracedTrade;
import io.tsdash.trace.TradeTraces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A trade through a store writer, before a store that costs nothing or before DuckDB, with the steps of a trace on this way. 100,000
 * a second: at full speed a share of the trades would be more traces than any back end takes. Each is made when it is due, as one
 * that a feed has just read.
 */
public final class TracedStorePath implements CostlyPath {
    private static final int TRADES = 100_000;
    private static final int TRADES_A_MILLISECOND = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String FILE = "trades.duckdb";

    private final Tape tape = new Tape();
    private final MarketStore store;
    private final TradeTraces traces;
    private final StoreWriter writer;
    private final Path folder;

    private TracedStorePath(MarketStore store, Path folder, TradeTraces traces) {
        this.store = store;
        this.folder = folder;
        this.traces = traces;
        writer = StoreWriter.to(new TracedWrites(store, traces, TimeSource.system()))
                .start();
    }

    /** Before a store that costs nothing. */
    public static TracedStorePath nowhere(TradeTraces traces) throws IOException {
        return new TracedStorePath(new Nowhere(), Files.createTempDirectory("tsdash-nowhere"), traces);
    }

    /** Before a file of DuckDB. */
    public static TracedStorePath duckDb(TradeTraces traces) throws IOException {
        Path folder = Files.createTempDirectory("tsdash-duckdb");
        return new TracedStorePath(DuckDbMarketStore.open(DuckDbOptions.at(folder.resolve(FILE))), folder, traces);
    }

    @Override
    public int round() throws InterruptedException {
        Pace pace = new Pace();
        for (int from = 0; from < TRADES; from += TRADES_A_MILLISECOND) {
            pace.awaitMilliseconds(from / TRADES_A_MILLISECOND);
            write(tape.next(TRADES_A_MILLISECOND));
        }
        if (!writer.flush(PATIENCE)) {
            throw new IllegalStateException("not all trades were written within " + PATIENCE);
        }
        return TRADES;
    }

    private void write(List<Trade> given) throws InterruptedException {
        for (Trade trade : given) {
            TracedTrade traced = traces.received(trade);
            if (traced != null) {
                traced.published();
                traced.distributed(); // the other end of its way, where nobody is
            }
        }
        traces.of(given).forEach(each -> each.cameToStore("bus", 1));
        writer.write(given);
    }

    @Override
    public void close() throws IOException {
        writer.close();
        store.close();
        Files.deleteIfExists(folder.resolve(FILE));
        Files.delete(folder);
    }
}
