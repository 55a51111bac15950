import { keyFieldOf } from "./channels.ts";
import type { Delta, Position, Resumed, Row, Snapshot } from "./protocol.ts";

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
 * A log channel keeps its position only: its rows belong to whoever listens, and each is handed over once.
 */
export class Replica {
  readonly channel: string;
  readonly rows = new Map<string, Row>();
  private keyField: string | undefined;
  private at: Position | undefined;
  private broken = false;
  /** Where a stream went on from, if that was an older place than here. */
  private resumedAt: number | undefined;

  constructor(channel: string) {
    this.channel = channel;
    this.keyField = keyFieldOf(channel);
  }

  /** How far this copy has come; undefined before the first snapshot. */
  get position(): Position | undefined {
    return this.at;
  }

  /** The position to resume from; undefined when only a snapshot helps. */
  get resumable(): Position | undefined {
    return this.broken ? undefined : this.at;
  }

  get isLog(): boolean {
    return this.keyField === undefined;
  }

  /** Name of the field that tells rows apart; undefined on a log. */
  get key(): string | undefined {
    return this.keyField;
  }

  /** Takes the whole channel; `reset` says that something may have been missed between what was here and this. */
  snapshot(message: Snapshot): { change: ChannelChange; reset: boolean } {
    const before = this.at;
    const { epoch, seq, rows } = message;
    this.keyField = message.key ?? keyFieldOf(this.channel);
    const sameLife = before === undefined || (before.epoch === epoch && before.seq <= seq);
    const news = before === undefined ? rows.length : seq - before.seq;
    const reset = message.reason === "RESET" || !sameLife || (this.isLog && before !== undefined && news > rows.length);
    this.at = { epoch, seq };
    this.broken = false;
    this.resumedAt = undefined;
    if (this.isLog && before !== undefined && !reset) {
      // The log is shown again from a place that was here: only its end is new.
      return { change: this.changeOf("delta", rows.slice(rows.length - news)), reset };
    }
    this.rows.clear();
    if (this.keyField !== undefined) for (const row of rows) this.rows.set(String(row[this.keyField]), row);
    return { change: this.changeOf("snapshot", rows), reset };
  }

  /** Goes on from where the server knows this client to be; false when that is not a place it has been at. */
  resumed({ epoch, seq }: Resumed): boolean {
    if (this.at === undefined || this.at.epoch !== epoch || seq > this.at.seq) {
      this.lose();
      return false;
    }
    this.resumedAt = seq;
    return true;
  }

  /** Applies a delta, or returns undefined and changes nothing when it does not follow what is here. */
  delta(message: Delta): ChannelChange | undefined {
    const here = this.at;
    if (here === undefined || this.broken) return undefined;
    if (message.prev !== here.seq && !(message.prev === this.resumedAt && message.prev < here.seq)) return undefined;
    if (message.seq < here.seq) {
      // From a server that is behind the one this client comes from: it is known here.
      this.resumedAt = message.seq;
      return this.changeOf("delta", []);
    }
    this.resumedAt = undefined;
    this.at = { epoch: here.epoch, seq: Math.max(here.seq, message.seq) };
    const { keyField } = this;
    if (keyField === undefined) return this.changeOf("delta", message.rows.slice(here.seq - message.prev));
    // A row may go and come back within one delta: what counts is how it ends.
    const touched = new Map<string, Row | undefined>();
    for (const row of message.rows) {
      const key = String(row[keyField]);
      touched.set(key, this.mergeRow(key, row));
    }
    const rows = [...touched.values()].filter((row) => row !== undefined);
    const removed = [...touched].filter(([, row]) => row === undefined).map(([key]) => key);
    return { ...this.changeOf("delta", rows), removed };
  }

  /** Marks what is here as no place to resume from: the next subscription asks for a snapshot. */
  lose(): void {
    this.broken = true;
  }

  private changeOf(kind: ChannelChange["kind"], rows: Row[]): ChannelChange {
    return { channel: this.channel, kind, rows, removed: [] };
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
