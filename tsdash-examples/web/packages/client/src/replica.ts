import { keyFieldOf } from "./channels.ts";
import type { Delta, Position, Row, Snapshot } from "./protocol.ts";

/** What one message did to a channel: whole rows as they are now, and the keys of those that went. No key is in both. */
export interface ChannelChange {
  channel: string;
  /** `snapshot`: what was known before is to be thrown away. */
  kind: "snapshot" | "delta";
  rows: Row[];
  removed: string[];
}

/**
 * A copy of one channel, rebuilt from its snapshot and the deltas that follow it.
 *
 * A log channel keeps its position only: its rows belong to whoever listens.
 */
export class Replica {
  readonly channel: string;
  readonly rows = new Map<string, Row>();
  private readonly keyField: string | undefined;
  private at: Position | undefined;

  constructor(channel: string) {
    this.channel = channel;
    this.keyField = keyFieldOf(channel);
  }

  get position(): Position | undefined {
    return this.at;
  }

  get isLog(): boolean {
    return this.keyField === undefined;
  }

  snapshot(message: Snapshot): ChannelChange {
    this.rows.clear();
    this.at = { epoch: message.epoch, seq: message.seq };
    if (this.keyField !== undefined) {
      for (const row of message.rows) this.rows.set(String(row[this.keyField]), row);
    }
    return { channel: this.channel, kind: "snapshot", rows: message.rows, removed: [] };
  }

  /** Applies a delta, or returns undefined and changes nothing when it does not follow what is here. */
  delta(message: Delta): ChannelChange | undefined {
    if (this.at === undefined || message.prev !== this.at.seq) return undefined;
    this.at = { epoch: this.at.epoch, seq: message.seq };
    if (this.keyField === undefined) return { channel: this.channel, kind: "delta", rows: message.rows, removed: [] };
    // A row may go and come back within one delta: what counts is how it ends.
    const touched = new Map<string, Row | undefined>();
    for (const row of message.rows) {
      const key = String(row[this.keyField]);
      touched.set(key, this.mergeRow(key, row));
    }
    const rows = [...touched.values()].filter((row) => row !== undefined);
    const removed = [...touched].filter(([, row]) => row === undefined).map(([key]) => key);
    return { channel: this.channel, kind: "delta", rows, removed };
  }

  /** Forgets the position, so that the next subscription asks for a snapshot. */
  forgetPosition(): void {
    this.at = undefined;
  }

  private mergeRow(key: string, row: Row): Row | undefined {
    if (row["removed"] === true) {
      this.rows.delete(key);
      return undefined;
    }
    // A new object each time: listeners keep rows and compare them by identity.
    const merged = { ...this.rows.get(key), ...row };
    this.rows.set(key, merged);
    return merged;
  }
}
