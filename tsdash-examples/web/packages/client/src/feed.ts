import { Backoff } from "./backoff.ts";
import { covers } from "./channels.ts";
import { browserEnvironment, type Environment, type Socket } from "./environment.ts";
import type { FeedHealth, FeedState } from "./health.ts";
import { CLOSE_CODES_WITHOUT_RETRY } from "./protocol.ts";
import type { CommandError, Delta, Heartbeat, Hello, Position, Resumed, ServerMessage, Snapshot } from "./protocol.ts";
import { Replica, type ChannelChange } from "./replica.ts";

const PROTOCOL = "tsdash.v1.json";
/** The server says its own in `hello`; until then this stands. */
const HEARTBEAT_MILLIS = 5000;
/** So many heartbeats without a frame mean that the connection is dead (docs/protocol.md, section 3). */
const HEARTBEATS_UNTIL_DEAD = 3;
/** Positions beyond this many characters are left out of a command: servers bound the size of a frame. */
const RESUME_CHARS_MAX = 32_000;
/** Channels of which so many heartbeats after reconnecting nothing was said are gone from the server. */
const HEARTBEATS_UNTIL_GONE = 2;

export interface FeedOptions {
  /** How often the server should send, 0 for at once. */
  intervalMillis?: number;
  backoffFirstMillis?: number;
  backoffMaxMillis?: number;
  environment?: Environment;
}

export interface FeedListener {
  onHealth?(health: FeedHealth): void;
  /** The server refused a command. */
  onRefused?(error: CommandError): void;
}

export type ChannelListener = (change: ChannelChange) => void;

interface Subscription {
  pattern: string;
  listener: ChannelListener;
  onRefused: ((error: CommandError) => void) | undefined;
}

interface Tracked {
  replica: Replica;
  /** When it was asked for again after a gap; deltas are ignored until the answer comes. */
  resyncSinceMillis: number | undefined;
  /** Whether the server has said something of it on this connection. */
  confirmed: boolean;
}

/**
 * One connection to a tsdash server that keeps itself alive, and copies of the channels it listens to.
 *
 * It never goes on in silence after a loss: a delta that does not follow leads to a resubscription from the last position, a lost or silent
 * connection is shown as `stale` and opened again, and a reset is counted. All callbacks run on the event loop that delivered the frame.
 */
export class Feed {
  private readonly url: string;
  private readonly listener: FeedListener;
  private readonly intervalMillis: number;
  private readonly environment: Environment;
  private readonly backoff: Backoff;
  private readonly subscriptions = new Set<Subscription>();
  private readonly channels = new Map<string, Tracked>();
  /** Channels asked for by their own name after a gap, beside the pattern that covers them. */
  private readonly resynced = new Set<string>();
  /** What was asked for by the subscribe commands that have no answer yet, by their id. */
  private readonly unanswered = new Map<number, string>();
  private ping: { id: number; sentMillis: number } | undefined;
  private current: FeedHealth = {
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
    queuedBytes: 0,
    roundTripMillis: undefined,
  };
  private conflatedBefore = 0;
  private heartbeatsWhileLive = 0;
  private socket: Socket | undefined;
  private greeted = false;
  private heartbeatMillis = HEARTBEAT_MILLIS;
  /** When the connection was begun or last heard of. */
  private lastSignMillis = 0;
  private lastFrameMillis: number | undefined;
  private nextCommand = 1;
  private cancelTimer: () => void = () => {};

  constructor(url: string, listener: FeedListener = {}, options: FeedOptions = {}) {
    this.url = url;
    this.listener = listener;
    this.intervalMillis = options.intervalMillis ?? 100;
    this.environment = options.environment ?? browserEnvironment();
    this.backoff = new Backoff(
      options.backoffFirstMillis ?? 250,
      options.backoffMaxMillis ?? 10_000,
      this.environment.random,
    );
    this.connect();
  }

  get health(): FeedHealth {
    return { ...this.current, lastFrameMillis: this.lastFrameMillis };
  }

  /** Positions of all channels, for showing and testing. */
  positions(): Record<string, Position> {
    const positions: Record<string, Position> = {};
    for (const [channel, { replica }] of this.channels) {
      if (replica.position !== undefined) positions[channel] = replica.position;
    }
    return positions;
  }

  /**
   * Listens to a channel, or to all whose name begins with what stands before a final `*`. What is known already is handed over at once.
   * `onRefused` hears that the server has no such channel. The result ends it.
   */
  subscribe(pattern: string, listener: ChannelListener, onRefused?: (error: CommandError) => void): () => void {
    const subscription = { pattern, listener, onRefused };
    const asked = this.subscribedByName(pattern);
    this.subscriptions.add(subscription);
    this.replay(subscription);
    if (!asked && this.greeted) this.sendSubscribe(pattern, new Set());
    return () => this.unsubscribe(subscription);
  }

  /** Tries to connect now, for example because the browser is online again, unless a connection is there. */
  reconnectNow(): void {
    if (this.socket === undefined && (this.current.state === "stale" || this.current.state === "connecting")) {
      this.backoff.reset();
      this.connect();
    }
  }

  close(): void {
    this.dropSocket();
    this.subscriptions.clear();
    this.channels.clear();
    this.update({ state: "closed", reason: "closed" });
  }

  // Connection

  private connect(): void {
    this.cancelTimer();
    this.greeted = false;
    this.unanswered.clear();
    this.resynced.clear();
    this.conflatedBefore = this.current.conflated;
    this.heartbeatsWhileLive = 0;
    for (const tracked of this.channels.values()) tracked.confirmed = false;
    this.lastSignMillis = this.environment.nowMillis();
    const socket = this.environment.openSocket(this.url, PROTOCOL);
    this.socket = socket;
    socket.onmessage = ({ data }) => this.onFrame(data);
    socket.onclose = ({ code, reason }) => this.onLost(code, reason || `connection closed (${code})`);
    this.update({ connections: this.current.connections + 1 });
    this.watch();
  }

  /** Looks once a heartbeat, and when the time is up, whether the server still gives signs of life. */
  private watch(): void {
    const deadMillis = this.heartbeatMillis * HEARTBEATS_UNTIL_DEAD;
    const leftMillis = this.lastSignMillis + deadMillis - this.environment.nowMillis();
    this.cancelTimer = this.environment.after(Math.min(this.heartbeatMillis, leftMillis), () => {
      const now = this.environment.nowMillis();
      if (now - this.lastSignMillis >= deadMillis) {
        this.onLost(undefined, `no sign of life for ${Math.round((now - this.lastSignMillis) / 1000)} s`);
        return;
      }
      for (const [channel, tracked] of this.channels) {
        if (tracked.resyncSinceMillis !== undefined && now - tracked.resyncSinceMillis >= deadMillis) {
          this.resync(channel, tracked);
        }
      }
      if (this.greeted) this.sendPing();
      this.watch();
    });
  }

  private onLost(code: number | undefined, reason: string): void {
    this.dropSocket();
    if (code !== undefined && CLOSE_CODES_WITHOUT_RETRY.has(code)) {
      this.update({ state: "failed", reason });
      return;
    }
    const state: FeedState = this.lastFrameMillis === undefined ? "connecting" : "stale";
    this.update({ state, reason, roundTripMillis: undefined, queuedBytes: 0 });
    this.cancelTimer = this.environment.after(this.backoff.nextMillis(), () => this.connect());
  }

  private dropSocket(): void {
    this.cancelTimer();
    this.greeted = false;
    const socket = this.socket;
    this.socket = undefined;
    if (socket === undefined) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }

  // Frames

  private onFrame(data: unknown): void {
    this.lastSignMillis = this.environment.nowMillis();
    this.lastFrameMillis = this.lastSignMillis;
    let messages: ServerMessage[];
    try {
      messages = JSON.parse(String(data));
      if (!Array.isArray(messages)) throw new TypeError("a frame is an array of messages");
    } catch {
      this.update({ malformed: this.current.malformed + 1 });
      return;
    }
    for (const message of messages) this.onMessage(message);
  }

  private onMessage(message: ServerMessage): void {
    switch (message.type) {
      case "hello":
        return this.onHello(message);
      case "snapshot":
        return this.onSnapshot(message);
      case "delta":
        return this.onDelta(message);
      case "resumed":
        return this.onResumed(message);
      case "heartbeat":
        return this.onHeartbeat(message);
      case "error":
        return this.onError(message);
      case "subscribed":
      case "unsubscribed":
      case "pong":
        return this.onAnswer(message.id);
      // No default: a newer server may send types that this client does not know.
    }
  }

  private onHello(message: Hello): void {
    this.greeted = true;
    this.heartbeatMillis = message.heartbeatMillis;
    this.cancelTimer();
    this.watch();
    const resumed = new Set<string>();
    for (const pattern of this.patterns()) this.sendSubscribe(pattern, resumed);
    for (const tracked of this.channels.values()) tracked.resyncSinceMillis = undefined;
    this.sendPing();
    this.becomeLiveWhenAnswered();
  }

  private onAnswer(id: number): void {
    this.unanswered.delete(id);
    if (this.ping?.id === id) this.update({ roundTripMillis: this.environment.nowMillis() - this.ping.sentMillis });
    this.becomeLiveWhenAnswered();
  }

  private onError(message: CommandError): void {
    if (message.id !== undefined) {
      const refused = this.unanswered.get(message.id);
      this.unanswered.delete(message.id);
      for (const { pattern, onRefused } of this.subscriptions) if (pattern === refused) onRefused?.(message);
    }
    this.listener.onRefused?.(message);
    this.becomeLiveWhenAnswered();
  }

  private becomeLiveWhenAnswered(): void {
    if (this.current.state === "live" || !this.greeted || this.unanswered.size > 0) return;
    this.backoff.reset();
    this.update({ state: "live", reason: "connected" });
  }

  private onHeartbeat(message: Heartbeat): void {
    this.update({
      conflated: this.conflatedBefore + (message.conflated ?? 0),
      queuedBytes: message.queuedBytes ?? 0,
    });
    if (this.current.state === "live" && ++this.heartbeatsWhileLive === HEARTBEATS_UNTIL_GONE) this.dropUnconfirmed();
  }

  /** A server that was started anew may not know all channels that the old one had: what is here of them is worth nothing. */
  private dropUnconfirmed(): void {
    for (const [channel, { confirmed }] of this.channels) {
      if (confirmed) continue;
      this.channels.delete(channel);
      this.update({ resets: this.current.resets + 1 });
      this.tell({ channel, kind: "snapshot", rows: [], removed: [] });
    }
  }

  private onSnapshot(message: Snapshot): void {
    if (!this.isWanted(message.channel)) return;
    const tracked = this.track(message.channel);
    const before = tracked.replica.position;
    const moved = before !== undefined && (before.epoch !== message.epoch || before.seq !== message.seq);
    tracked.resyncSinceMillis = undefined;
    tracked.confirmed = true;
    if (message.reason === "RESET" || (message.reason === "SUBSCRIBED" && tracked.replica.isLog && moved)) {
      this.update({ resets: this.current.resets + 1 });
    } else if (message.reason === "SLOW") {
      this.update({ slowSnapshots: this.current.slowSnapshots + 1 });
    }
    this.tell(tracked.replica.snapshot(message));
  }

  private onDelta(message: Delta): void {
    if (!this.isWanted(message.channel)) return;
    const tracked = this.track(message.channel);
    if (tracked.resyncSinceMillis !== undefined) return;
    // The last of a subscription that was ended and taken up again: the snapshot is on its way.
    if (tracked.replica.position === undefined && this.unanswered.size > 0) return;
    const change = tracked.replica.delta(message);
    tracked.confirmed = true;
    if (change !== undefined) {
      this.tell(change);
      return;
    }
    this.update({ gaps: this.current.gaps + 1 });
    this.resync(message.channel, tracked);
  }

  private onResumed(message: Resumed): void {
    const tracked = this.channels.get(message.channel);
    if (tracked === undefined) return;
    tracked.confirmed = true;
    const position = tracked.replica.position;
    if (position?.epoch === message.epoch && position.seq === message.seq) {
      tracked.resyncSinceMillis = undefined;
      this.update({ resumed: this.current.resumed + 1 });
    } else {
      tracked.replica.forgetPosition();
      this.resync(message.channel, tracked);
    }
  }

  // Commands

  private sendSubscribe(pattern: string, alreadyResumed: Set<string>): void {
    const resume: Record<string, Position> = {};
    let chars = 0;
    // Log channels first: a state channel that is left out loses nothing but a few bytes for its snapshot.
    const known = [...this.channels].sort(([, a], [, b]) => Number(b.replica.isLog) - Number(a.replica.isLog));
    for (const [channel, { replica }] of known) {
      const position = replica.position;
      if (position === undefined || alreadyResumed.has(channel) || !covers(pattern, channel)) continue;
      chars += channel.length + position.epoch.length + 40;
      if (chars > RESUME_CHARS_MAX) break;
      alreadyResumed.add(channel);
      resume[channel] = position;
    }
    this.sendSubscribeCommand(pattern, resume);
  }

  private resync(channel: string, tracked: Tracked): void {
    tracked.resyncSinceMillis = this.environment.nowMillis();
    const position = tracked.replica.position;
    if (!this.subscribedByName(channel)) this.resynced.add(channel);
    this.sendSubscribeCommand(channel, position === undefined ? {} : { [channel]: position });
  }

  private sendSubscribeCommand(channel: string, resume: Record<string, Position>): void {
    const command = { op: "subscribe", channels: [channel], intervalMillis: this.intervalMillis };
    this.unanswered.set(this.send(Object.keys(resume).length > 0 ? { ...command, resume } : command), channel);
  }

  private sendPing(): void {
    this.ping = { id: this.send({ op: "ping" }), sentMillis: this.environment.nowMillis() };
  }

  private send(command: Record<string, unknown>): number {
    const id = this.nextCommand++;
    this.socket?.send(JSON.stringify({ id, ...command }));
    return id;
  }

  // Subscriptions

  private unsubscribe(subscription: Subscription): void {
    if (!this.subscriptions.delete(subscription)) return;
    const gone: string[] = [];
    if (!this.subscribedByName(subscription.pattern)) gone.push(subscription.pattern);
    for (const channel of this.channels.keys()) {
      if (this.isWanted(channel)) continue;
      this.channels.delete(channel);
      if (this.resynced.delete(channel)) gone.push(channel);
    }
    if (gone.length > 0 && this.greeted) this.send({ op: "unsubscribe", channels: [...new Set(gone)] });
  }

  private replay({ pattern, listener }: Subscription): void {
    for (const [channel, { replica }] of this.channels) {
      if (covers(pattern, channel) && replica.position !== undefined && !replica.isLog) {
        listener({ channel, kind: "snapshot", rows: [...replica.rows.values()], removed: [] });
      }
    }
  }

  private tell(change: ChannelChange): void {
    for (const { pattern, listener } of this.subscriptions) {
      if (covers(pattern, change.channel)) listener(change);
    }
  }

  private track(channel: string): Tracked {
    let tracked = this.channels.get(channel);
    if (tracked === undefined) {
      tracked = { replica: new Replica(channel), resyncSinceMillis: undefined, confirmed: false };
      this.channels.set(channel, tracked);
    }
    return tracked;
  }

  private patterns(): Set<string> {
    return new Set([...this.subscriptions].map(({ pattern }) => pattern));
  }

  private subscribedByName(pattern: string): boolean {
    for (const subscription of this.subscriptions) if (subscription.pattern === pattern) return true;
    return false;
  }

  private isWanted(channel: string): boolean {
    for (const { pattern } of this.subscriptions) if (covers(pattern, channel)) return true;
    return false;
  }

  private update(change: Partial<FeedHealth>): void {
    this.current = { ...this.current, ...change };
    this.listener.onHealth?.(this.health);
  }
}
