package io.tsdash.testkit;

import io.tsdash.aggregation.Outcome;
import io.tsdash.model.MarketEvent;
import io.tsdash.pipeline.PipelineListener;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.Gap;
import io.tsdash.source.Refused;

/** Hears nothing of a pipeline; for tests of something else, and to be extended by what a test listens to. */
public class QuietPipelineListener implements PipelineListener {
    /** Makes one. */
    public QuietPipelineListener() {}

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
