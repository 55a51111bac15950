package io.tsdash.examples.server;

import io.tsdash.distribution.Alert;
import io.tsdash.distribution.NewsItem;
import io.tsdash.distribution.PartStatus;
import io.tsdash.model.PriceUpdate;
import io.tsdash.pipeline.PipelineCounts;
import io.tsdash.pipeline.StoreState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What fills the channels that a server's clients see. Thread-safe. */
interface ServedMarket extends AutoCloseable {

    /** Lets data flow. */
    void start();

    /** Returns what was done so far. */
    PipelineCounts counts();

    /** Returns how many events wait on the bus, by consumer and partition. */
    Map<String, Map<Integer, Long>> waiting();

    /** Returns how the writers to the stores are. */
    List<StoreState> stores();

    /** Returns whether the feed has delivered all there is. */
    boolean feedEnded();

    /** Waits until all that the feed has delivered is in the bars and in the store; returns whether it is. */
    boolean drain(Duration timeout);

    /** Returns why what the feed delivers is stale; empty while it is not. */
    String feedProblem();

    /** Returns why what is on the bus does not come into prices, bars or stores; empty while it does. */
    String busProblem();

    /** Returns why a store does not take trades or bars; empty while all do. */
    String storeProblem();

    /** Returns why no clients should come here yet. */
    Optional<String> notReady();

    /** Returns what is wrong with what the servers share, or how this one stands in it. */
    Optional<String> relayProblem();

    /** Shows clients how a part of this server is. */
    void status(PartStatus status) throws InterruptedException;

    /** Shows clients a price that is known from elsewhere, of a symbol whose feed is not live. */
    void lastKnown(PriceUpdate price) throws InterruptedException;

    /** Shows a piece of news to all clients. */
    void news(NewsItem item) throws InterruptedException;

    /** Shows an alert to all clients. */
    void alert(Alert alert) throws InterruptedException;

    @Override
    void close();
}
