import { covers } from "./channels.ts";
import type { Connection } from "./connection.ts";
import type { Position } from "./protocol.ts";
import type { Replica } from "./replica.ts";

/** Positions beyond this many characters go into another command: servers bound the size of a frame, in bytes. */
const RESUME_CHARS_MAX = 20_000;

/** What a feed asks of the server, and which of it has no answer yet. */
export class Commands {
  private readonly connection: Connection;
  private readonly intervalMillis: number;
  private readonly nowMillis: () => number;
  private readonly traceparent: () => string | undefined;
  /** What was asked for by the subscribe commands that have no answer yet, by their id. */
  private readonly unanswered = new Map<number, string>();
  private pinged: { id: number; sentMillis: number } | undefined;

  constructor(connection: Connection, intervalMillis: number, nowMillis: () => number, traceparent: () => string | undefined = () => undefined) {
    this.connection = connection;
    this.intervalMillis = intervalMillis;
    this.nowMillis = nowMillis;
    this.traceparent = traceparent;
  }

  get allAnswered(): boolean {
    return this.unanswered.size === 0;
  }

  /** A new connection: nothing of the old one will be answered. */
  forget(): void {
    this.unanswered.clear();
    this.pinged = undefined;
  }

  /**
   * Subscribes, from where the copies are.
   *
   * @param alreadyResumed channels whose positions were given with an earlier pattern; takes those given now
   */
  subscribe(pattern: string, replicas: Iterable<Replica>, alreadyResumed: Set<string>): void {
    let resume: Record<string, Position> = {};
    let chars = 0;
    for (const { channel, resumable } of replicas) {
      if (resumable === undefined || alreadyResumed.has(channel) || !covers(pattern, channel)) continue;
      alreadyResumed.add(channel);
      const more = channel.length + resumable.epoch.length + 40;
      if (chars + more > RESUME_CHARS_MAX) {
        // Kept by the server for the command that names the channels.
        this.send([], resume, pattern);
        resume = {};
        chars = 0;
      }
      chars += more;
      resume[channel] = resumable;
    }
    this.send([pattern], resume, pattern);
  }

  /** Asks for one channel again, from where its copy is or from a snapshot. */
  resync({ channel, resumable }: Replica): void {
    this.send([channel], resumable === undefined ? {} : { [channel]: resumable }, channel);
  }

  unsubscribe(channels: string[]): void {
    this.connection.send({ op: "unsubscribe", channels });
  }

  ping(): void {
    this.pinged = { id: this.connection.send({ op: "ping" }), sentMillis: this.nowMillis() };
  }

  /** Takes an answer; of a ping, returns the milliseconds that the way there and back took. */
  answered(id: number): number | undefined {
    this.unanswered.delete(id);
    return this.pinged?.id === id ? this.nowMillis() - this.pinged.sentMillis : undefined;
  }

  /** Takes an error; returns what was asked for, if it was to subscribe. */
  refused(id: number | undefined): string | undefined {
    if (id === undefined) return undefined;
    const pattern = this.unanswered.get(id);
    this.unanswered.delete(id);
    return pattern;
  }

  private send(channels: string[], resume: Record<string, Position>, pattern: string): void {
    const traceparent = channels.length > 0 ? this.traceparent() : undefined;
    const id = this.connection.send({
      op: "subscribe",
      channels,
      intervalMillis: this.intervalMillis,
      ...(Object.keys(resume).length > 0 ? { resume } : {}),
      ...(traceparent === undefined ? {} : { traceparent }),
    });
    this.unanswered.set(id, pattern);
  }
}
