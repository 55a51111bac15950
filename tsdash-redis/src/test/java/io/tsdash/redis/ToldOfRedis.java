package io.tsdash.redis;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what a limiter tells of its Redis. */
record ToldOfRedis(List<String> told) implements RedisRateLimiterListener {
    ToldOfRedis() {
        this(new CopyOnWriteArrayList<>());
    }

    @Override
    public void onAway(LimiterAway choice, RuntimeException cause) {
        told.add("away " + choice);
    }

    @Override
    public void onBack() {
        told.add("back");
    }
}
