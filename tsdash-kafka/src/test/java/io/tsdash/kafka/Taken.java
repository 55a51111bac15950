package io.tsdash.kafka;

import io.tsdash.bus.BatchHandler;
import io.tsdash.model.MarketEvent;
import java.util.ArrayList;
import java.util.List;

/** Keeps what it was given. Thread-safe. */
final class Taken implements BatchHandler {
    private final List<MarketEvent> events = new ArrayList<>();

    @Override
    public synchronized void onBatch(int partition, List<MarketEvent> batch) {
        events.addAll(batch);
    }

    synchronized List<MarketEvent> events() {
        return List.copyOf(events);
    }

    synchronized int size() {
        return events.size();
    }

    List<Long> sequences() {
        return events().stream().map(MarketEvent::sequence).sorted().toList();
    }

    List<Long> distinctSequences() {
        return events().stream().map(MarketEvent::sequence).distinct().sorted().toList();
    }
}
