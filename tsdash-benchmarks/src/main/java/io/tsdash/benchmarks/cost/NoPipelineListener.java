package io.tsdash.benchmarks.cost;

import io.tsdash.aggregation.Outcome;
import io.tsdash.model.MarketEvent;
import io.tsdash.pipeline.PipelineListener;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.Gap;
import io.tsdash.source.Refused;

/** Hears nothing. */
enum NoPipelineListener implements PipelineListener {
    INSTANCE;

    @Override
    public void onFeedState(ConnectionState state, String reason) {}

    @Override
    public void onGap(Gap gap) {}

    @Override
    public void onRefused(Refused refused) {}

    @Override
    public void onSetAside(MarketEvent event, Outcome outcome) {}

    @Override
    public void onNotPublished(RuntimeException cause) {}
}
