package io.tsdash.distribution;

import java.util.Optional;

/** Nobody listens. */
enum NoSubscriptionListener implements SubscriptionListener {
    INSTANCE;

    @Override
    public void subscribed(Optional<Refusal> refusal) {}

    @Override
    public void shown() {}

    @Override
    public void gone() {}
}
