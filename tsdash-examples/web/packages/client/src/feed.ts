import { Backoff } from "./backoff.ts";
import { covers } from "./channels.ts";
import { ChecksumRound } from "./checksum-round.ts";
import { Commands } from "./commands.ts";
import { jsonCodec, type MessageCodec } from "./codec.ts";
import { Connection, type ConnectionOwner } from "./connection.ts";
import { systemEnvironment, type Environment, type SocketClass } from "./environment.ts";
import { HealthRecord, type FeedHealth } from "./health.ts";
import type { Checksum, CommandError, Delta, Ended, Gap, Heartbeat, Position, Resumed, ServerMessage, Snapshot } from "./protocol.ts";
import { Replica } from "./replica.ts";
import { Subscriptions, calling, type ChannelListener, type Refusal, type Subscription } from "./subscriptions.ts";

/** Channels of which so many heartbeats after reconnecting nothing was said are gone from the server. */
const HEARTBEATS_UNTIL_GONE = 2;

export interface FeedOptions {
  /** The form of the wire; JSON if absent. */
  codec?: MessageCodec;
  /** How often the server should send, 0 for at once; 100 if absent. */
  intervalMillis?: number;
  /** Called for each connection, and before the token that it gave expires. */
  token?: () => Promise<string>;
  /** The span that subscriptions are part of, as `traceparent` of W3C Trace Context; asked for each. */
  traceparent?: () => string | undefined;
  /** How often some of the channels are compared with the server by checksum; 0, never, if absent. */
  checksumMillis?: number;
  backoffFirstMillis?: number;
  backoffMaxMillis?: number;
  /** For where there is no WebSocket: Node 20 with the package `ws`. */
  webSocket?: SocketClass;
  environment?: Environment;
}

export interface FeedListener {
  onHealth?(health: FeedHealth): void;
  /** The server refused a command, or ended a subscription. */
  onRefused?(refusal: Refusal): void;
  /** A frame made no sense or a checksum differed: a fault of server or client, worth a report. What it touched is begun anew. */
  onFault?(reason: string): void;
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
  private readonly listener: FeedListener;
  private readonly environment: Environment;
  private readonly record: HealthRecord;
  private readonly connection: Connection;
  private readonly commands: Commands;
  private readonly checksums: ChecksumRound;
  private readonly subscriptions = new Subscriptions();
  private readonly channels = new Map<string, Tracked>();
  /** Channels asked for by their own name after a gap, beside the pattern that covers them. */
  private readonly resynced = new Set<string>();
  private conflatedBefore = 0;
  private heartbeatsWhileLive = 0;

  constructor(url: string, listener: FeedListener = {}, options: FeedOptions = {}) {
    this.listener = listener;
    this.environment = options.environment ?? systemEnvironment(options.webSocket);
    this.checksums = new ChecksumRound(options.checksumMillis ?? 0);
    this.record = new HealthRecord((health) => calling(() => listener.onHealth?.(health)));
    const backoff = new Backoff(options.backoffFirstMillis ?? 250, options.backoffMaxMillis ?? 10_000, this.environment.random);
    const codec = options.codec ?? jsonCodec();
    this.connection = new Connection(url, codec, this.environment, backoff, this.record, this.owner(), options.token);
    this.commands = new Commands(this.connection, options.intervalMillis ?? 100, () => this.environment.nowMillis(), options.traceparent);
    this.connection.open();
  }

  get health(): FeedHealth {
    return { ...this.record.current };
  }

  /** Positions of all channels, for showing and testing. */
  positions(): Record<string, Position> {
    const positions: Record<string, Position> = {};
    for (const [channel, { replica }] of this.channels) {
      if (replica.position !== undefined) positions[channel] = replica.position;
    }
    return positions;
  }

  /** Whether what was handed over of a channel may be old: no connection, no word of it since it was made, or a gap that is not filled yet. */
  isStale(channel: string): boolean {
    const tracked = this.channels.get(channel);
    return this.record.current.state !== "live" || tracked?.confirmed !== true || tracked.resyncSinceMillis !== undefined;
  }

  /**
   * Listens to a channel, or to all whose name begins with what stands before a final `*`. What is known already is handed over at once.
   * `onRefused` hears that the server has no such channel, or that a permission for it was lost. The result ends it.
   */
  subscribe(pattern: string, listener: ChannelListener, onRefused?: (refusal: Refusal) => void): () => void {
    const subscription = { pattern, listener, onRefused };
    const asked = this.subscriptions.has(pattern);
    this.subscriptions.add(subscription);
    this.replay(subscription);
    if (!asked && this.connection.isReady) this.commands.subscribe(pattern, this.replicas(), new Set());
    return () => this.unsubscribe(subscription);
  }

  /** Tries to connect now, for example because the browser is online again, unless a connection is there. */
  reconnectNow(): void {
    this.connection.openNow();
  }

  close(): void {
    this.connection.close("closed");
    this.subscriptions.clear();
    this.channels.clear();
  }

  // Connection

  private owner(): ConnectionOwner {
    return {
      onOpening: () => {
        this.commands.forget();
        this.resynced.clear();
        this.conflatedBefore = this.record.current.conflated;
        this.heartbeatsWhileLive = 0;
        for (const tracked of this.channels.values()) tracked.confirmed = false;
        return this.channels.keys();
      },
      onReady: () => this.onReady(),
      onMessage: (message) => this.onMessage(message),
      onHeartbeatTime: () => this.onHeartbeatTime(),
      onFault: (reason, channel) => {
        if (channel !== undefined) this.channels.get(channel)?.replica.lose();
        calling(() => this.listener.onFault?.(reason));
      },
    };
  }

  private onReady(): void {
    const resumed = new Set<string>();
    for (const pattern of this.subscriptions.patterns()) this.commands.subscribe(pattern, this.replicas(), resumed);
    for (const tracked of this.channels.values()) tracked.resyncSinceMillis = undefined;
    this.commands.ping();
    this.becomeLiveWhenAnswered();
  }

  private onHeartbeatTime(): void {
    const now = this.environment.nowMillis();
    for (const [channel, tracked] of this.channels) {
      if (tracked.resyncSinceMillis !== undefined && now - tracked.resyncSinceMillis >= this.connection.deadMillis) {
        this.resync(channel, tracked);
      }
    }
    this.commands.ping();
    if (this.record.current.state !== "live") return;
    this.checksums.askIfDue(now, this.replicas(), (command) => this.connection.send(command));
  }

  // Messages

  private onMessage(message: ServerMessage): void {
    switch (message.type) {
      case "snapshot":
        return this.onSnapshot(message);
      case "delta":
        return this.onDelta(message);
      case "gap":
        return this.onGap(message);
      case "resumed":
        return this.onResumed(message);
      case "heartbeat":
        return this.onHeartbeat(message);
      case "checksum":
        return this.onChecksum(message);
      case "ended":
        return this.onEnded(message);
      case "error":
        return this.onError(message);
      case "subscribed":
      case "unsubscribed":
      case "pong":
        return this.onAnswer(message.id);
      // No default: a newer server may send types that this client does not know.
    }
  }

  private onAnswer(id: number): void {
    const roundTripMillis = this.commands.answered(id);
    if (roundTripMillis !== undefined) this.record.update({ roundTripMillis });
    this.becomeLiveWhenAnswered();
  }

  private onError(message: CommandError): void {
    if (this.checksums.takesError(message.id)) return;
    const refused = this.commands.refused(message.id);
    if (refused !== undefined) this.subscriptions.refuse(refused, message);
    calling(() => this.listener.onRefused?.(message));
    this.becomeLiveWhenAnswered();
  }

  private onEnded(message: Ended): void {
    const ended = this.subscriptions.to(message.channel);
    this.subscriptions.refuse(message.channel, message);
    for (const channel of [...this.channels.keys()]) {
      if (!covers(message.channel, channel)) continue;
      // What is here of it is no longer kept up to date.
      for (const { listener } of ended) calling(() => listener({ channel, kind: "snapshot", rows: [], removed: [] }));
    }
    for (const subscription of ended) this.subscriptions.delete(subscription);
    this.dropUnwanted();
    calling(() => this.listener.onRefused?.(message));
  }

  private becomeLiveWhenAnswered(): void {
    if (this.record.current.state === "live" || !this.connection.isReady || !this.commands.allAnswered) return;
    this.connection.becameLive();
    this.record.update({ state: "live", reason: "connected" });
  }

  private onHeartbeat(message: Heartbeat): void {
    this.record.update({
      conflated: this.conflatedBefore + (message.conflated ?? 0),
      queuedBytes: message.queuedBytes ?? 0,
    });
    if (this.record.current.state !== "live" || ++this.heartbeatsWhileLive !== HEARTBEATS_UNTIL_GONE) return;
    this.connection.proved();
    this.dropUnconfirmed();
  }

  /** A server that was started anew may not know all channels that the old one had: what is here of them is worth nothing. */
  private dropUnconfirmed(): void {
    for (const [channel, { confirmed }] of this.channels) {
      if (confirmed) continue;
      this.channels.delete(channel);
      this.record.count("resets");
      this.subscriptions.tell({ channel, kind: "snapshot", rows: [], removed: [] });
    }
  }

  private onSnapshot(message: Snapshot): void {
    if (!this.subscriptions.isWanted(message.channel)) return;
    const tracked = this.track(message.channel);
    tracked.resyncSinceMillis = undefined;
    tracked.confirmed = true;
    const { change, reset } = tracked.replica.snapshot(message);
    if (reset) this.record.count("resets");
    else if (message.reason === "SLOW") this.record.count("slowSnapshots");
    this.subscriptions.tell(change);
  }

  private onDelta(message: Delta): void {
    if (!this.subscriptions.isWanted(message.channel)) return;
    const tracked = this.track(message.channel);
    if (tracked.resyncSinceMillis !== undefined) return;
    // The last of a subscription that was ended and taken up again: the snapshot is on its way.
    if (tracked.replica.position === undefined && !this.commands.allAnswered) return;
    const change = tracked.replica.delta(message);
    tracked.confirmed = true;
    if (change !== undefined) {
      this.subscriptions.tell(change);
      return;
    }
    this.record.count("gaps");
    this.resync(message.channel, tracked);
  }

  private onGap({ channel, resumable }: Gap): void {
    const tracked = this.channels.get(channel);
    if (tracked === undefined || (!resumable && tracked.replica.resumable === undefined)) return;
    if (!resumable) tracked.replica.lose();
    else if (tracked.resyncSinceMillis !== undefined) return;
    else this.record.count("gaps");
    this.resync(channel, tracked);
  }

  private onResumed(message: Resumed): void {
    const tracked = this.channels.get(message.channel);
    if (tracked === undefined) return;
    tracked.confirmed = true;
    if (tracked.replica.resumed(message)) {
      tracked.resyncSinceMillis = undefined;
      this.record.count("resumed");
    } else this.resync(message.channel, tracked);
  }

  private onChecksum(message: Checksum): void {
    const tracked = this.channels.get(message.channel);
    if (tracked === undefined || tracked.resyncSinceMillis !== undefined) return;
    const equal = this.checksums.equals(message, tracked.replica);
    if (equal === undefined) return;
    this.record.count("checksums");
    if (equal) return;
    this.record.count("checksumFailures");
    tracked.replica.lose();
    this.resync(message.channel, tracked);
    const reason = `checksum of ${message.channel} at sequence ${message.seq} was ${message.crc} at the server and another here`;
    calling(() => this.listener.onFault?.(reason));
  }

  private resync(channel: string, tracked: Tracked): void {
    tracked.resyncSinceMillis = this.environment.nowMillis();
    if (!this.subscriptions.has(channel)) this.resynced.add(channel);
    this.commands.resync(tracked.replica);
  }

  // Subscriptions

  private unsubscribe(subscription: Subscription): void {
    if (!this.subscriptions.delete(subscription)) return;
    const gone = this.dropUnwanted();
    if (!this.subscriptions.has(subscription.pattern)) gone.add(subscription.pattern);
    if (gone.size > 0 && this.connection.isReady) this.commands.unsubscribe([...gone]);
  }

  /** Forgets the channels that nobody listens to; returns those that were asked for by name after a gap. */
  private dropUnwanted(): Set<string> {
    const gone = new Set<string>();
    for (const channel of this.channels.keys()) {
      if (this.subscriptions.isWanted(channel)) continue;
      this.channels.delete(channel);
      if (this.resynced.delete(channel)) gone.add(channel);
    }
    return gone;
  }

  private replay({ pattern, listener }: Subscription): void {
    for (const [channel, { replica }] of this.channels) {
      if (covers(pattern, channel) && replica.position !== undefined && !replica.isLog) {
        calling(() => listener({ channel, kind: "snapshot", rows: [...replica.rows.values()], removed: [] }));
      }
    }
  }

  private replicas(): Replica[] {
    return [...this.channels.values()].map(({ replica }) => replica);
  }

  private track(channel: string): Tracked {
    let tracked = this.channels.get(channel);
    if (tracked === undefined) {
      tracked = { replica: new Replica(channel), resyncSinceMillis: undefined, confirmed: false };
      this.channels.set(channel, tracked);
    }
    return tracked;
  }
}
