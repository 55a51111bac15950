import { checksumOf } from "./checksum.ts";
import type { Checksum } from "./protocol.ts";
import type { Replica } from "./replica.ts";

/** So many channels are asked for at once. */
const CHANNELS_PER_COMMAND = 50;

/** Asks the server for checksums of state channels, some at a time, round and round. */
export class ChecksumRound {
  private readonly everyMillis: number;
  private lastMillis = Number.NEGATIVE_INFINITY;
  private next = 0;
  private asked: number | undefined;
  private refused = false;

  /** @param everyMillis how often; 0 for never */
  constructor(everyMillis: number) {
    this.everyMillis = everyMillis;
  }

  /** Asks, if it is time; `send` takes the command and returns its id. */
  askIfDue(nowMillis: number, replicas: readonly Replica[], send: (command: Record<string, unknown>) => number): void {
    if (this.everyMillis <= 0 || this.refused || nowMillis - this.lastMillis < this.everyMillis) return;
    const names = replicas.filter(({ isLog, resumable }) => !isLog && resumable !== undefined).map(({ channel }) => channel);
    if (names.length === 0) return;
    if (this.next >= names.length) this.next = 0;
    const channels = names.slice(this.next, this.next + CHANNELS_PER_COMMAND);
    this.next += channels.length;
    this.lastMillis = nowMillis;
    this.asked = send({ op: "checksum", channels });
  }

  /** Whether an error is about this: a server that can't say checksums is not asked again. */
  takesError(id: number | undefined): boolean {
    if (id === undefined || id !== this.asked) return false;
    this.refused = true;
    return true;
  }

  /** Whether the copy equals the server's; undefined for a checksum of another position, which says nothing. */
  equals({ epoch, seq, crc }: Checksum, { resumable, rows, key }: Replica): boolean | undefined {
    if (resumable?.epoch !== epoch || resumable.seq !== seq || key === undefined) return undefined;
    return checksumOf(rows.values(), key) === crc;
  }
}
