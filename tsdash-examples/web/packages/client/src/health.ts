/**
 * - `connecting`: nothing was received yet.
 * - `live`: the server answers and every subscription is acknowledged.
 * - `stale`: the connection is lost or silent; the data shown is old and a new connection is being tried.
 * - `failed`: the server refused for good; trying again would end the same way.
 * - `closed`: closed by its owner.
 */
export type FeedState = "connecting" | "live" | "stale" | "failed" | "closed";

/** What a user should be able to see of a feed. All counts run from the creation of the feed. */
export interface FeedHealth {
  state: FeedState;
  /** Why the state is what it is, in words. */
  reason: string;
  /** When the last frame came, on the clock of the environment. */
  lastFrameMillis: number | undefined;
  connections: number;
  /** Deltas that did not follow what was here; each led to a resubscription. */
  gaps: number;
  /** Channels that went on where they were cut off. */
  resumed: number;
  /** Channels whose history the server could not give: something may have been missed. */
  resets: number;
  /** Snapshots sent in place of deltas because this client was too slow. */
  slowSnapshots: number;
  /** Values that the server never sent because a newer one replaced them. */
  conflated: number;
  /** Frames or messages that could not be understood. */
  malformed: number;
  /** Bytes that wait for this client at the server. */
  queuedBytes: number;
  roundTripMillis: number | undefined;
}
