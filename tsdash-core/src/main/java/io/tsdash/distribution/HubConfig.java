package io.tsdash.distribution;

import java.time.Duration;

/**
 * The hub's limits.
 *
 * @param channelsMax channels in all
 * @param subscriptionsMax names and patterns a session
 * @param queueBytesMax bytes that may wait for one session before it is skipped
 * @param frameBytesMax a frame is ended above this
 * @param updatesMax batches that may wait for the hub before their publisher waits
 * @param commandsMax commands of all sessions that may wait for the hub
 * @param heartbeat how often each session gets a sign of life
 * @param stall how long a session may stay skipped before it is closed
 */
record HubConfig(
        int channelsMax,
        int subscriptionsMax,
        int queueBytesMax,
        int frameBytesMax,
        int updatesMax,
        int commandsMax,
        Duration heartbeat,
        Duration stall) {}
