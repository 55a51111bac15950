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
  reason: string;
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
  /** Frames that could not be understood; each ended its connection. */
  malformed: number;
  /** Channels compared with the server by checksum. */
  checksums: number;
  /** Channels whose checksum was not the server's; each was begun anew. */
  checksumFailures: number;
  /** Bytes that wait for this client at the server. */
  queuedBytes: number;
  roundTripMillis: number | undefined;
}

type Count = "connections" | "gaps" | "resumed" | "resets" | "slowSnapshots" | "malformed" | "checksums" | "checksumFailures";

/** The health of one feed, and who is told of each change. */
export class HealthRecord {
  private values: FeedHealth = {
    state: "connecting",
    reason: "connecting",
    lastFrameMillis: undefined,
    connections: 0,
    gaps: 0,
    resumed: 0,
    resets: 0,
    slowSnapshots: 0,
    conflated: 0,
    malformed: 0,
    checksums: 0,
    checksumFailures: 0,
    queuedBytes: 0,
    roundTripMillis: undefined,
  };
  private readonly onChange: (health: FeedHealth) => void;

  constructor(onChange: (health: FeedHealth) => void) {
    this.onChange = onChange;
  }

  get current(): Readonly<FeedHealth> {
    return this.values;
  }

  update(change: Partial<FeedHealth>): void {
    this.values = { ...this.values, ...change };
    this.onChange(this.values);
  }

  count(what: Count): void {
    this.update({ [what]: this.values[what] + 1 });
  }

  /** Comes with each frame, which is too often to tell of. */
  frameCame(nowMillis: number): void {
    this.values.lastFrameMillis = nowMillis;
  }
}
