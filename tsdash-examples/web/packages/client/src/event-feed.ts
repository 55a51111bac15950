import type { Delta, Snapshot } from "./protocol.ts";
import { Replica, type ChannelChange } from "./replica.ts";

/** The part of a browser's EventSource that is used here. */
export interface Events {
  readyState: number;
  onopen: (() => void) | null;
  onerror: (() => void) | null;
  addEventListener(type: string, listener: (event: { data: string }) => void): void;
  close(): void;
}

const CLOSED = 2;
const REOPEN_MILLIS = 5000;
/** Heartbeats come far more often; a stream that is silent for so long is dead. */
const SILENCE_MILLIS = 60_000;

export type EventFeedState = "connecting" | "live" | "stale";

/**
 * Channels by server-sent events, for what comes seldom (news, alerts). The browser reconnects by itself and resumes by `Last-Event-ID`;
 * where it gives up (an answer that is not a stream), a new stream is opened after five seconds. A delta that does not follow opens the stream anew,
 * so that a snapshot comes, and so does a minute without any event.
 */
export class EventFeed {
  private readonly url: string;
  private readonly onChange: (change: ChannelChange) => void;
  private readonly onState: (state: EventFeedState) => void;
  private readonly open: (url: string) => Events;
  private replicas = new Map<string, Replica>();
  private events: Events | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private gapCount = 0;

  constructor(
    url: string,
    onChange: (change: ChannelChange) => void,
    onState: (state: EventFeedState) => void = () => {},
    open: (url: string) => Events = (address) => new EventSource(address) as unknown as Events,
  ) {
    this.url = url;
    this.onChange = onChange;
    this.onState = onState;
    this.open = open;
    this.onState("connecting");
    this.start();
  }

  get gaps(): number {
    return this.gapCount;
  }

  close(): void {
    clearTimeout(this.timer);
    this.events?.close();
    this.events = undefined;
  }

  private reopenAfter(millis: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.onState("stale");
      this.start();
    }, millis);
  }

  private start(): void {
    this.reopenAfter(SILENCE_MILLIS);
    this.events?.close();
    this.replicas = new Map();
    const events = this.open(this.url);
    this.events = events;
    events.onopen = () => {
      this.reopenAfter(SILENCE_MILLIS);
      this.onState("live");
    };
    events.onerror = () => {
      this.onState("stale");
      if (events.readyState === CLOSED) this.reopenAfter(REOPEN_MILLIS);
    };
    events.addEventListener("heartbeat", () => this.reopenAfter(SILENCE_MILLIS));
    events.addEventListener("snapshot", ({ data }) => {
      this.reopenAfter(SILENCE_MILLIS);
      const message = JSON.parse(data) as Snapshot;
      this.onChange(this.replicaOf(message.channel).snapshot(message));
    });
    events.addEventListener("delta", ({ data }) => {
      this.reopenAfter(SILENCE_MILLIS);
      const message = JSON.parse(data) as Delta;
      const change = this.replicaOf(message.channel).delta(message);
      if (change !== undefined) {
        this.onChange(change);
        return;
      }
      this.gapCount++;
      this.start();
    });
  }

  private replicaOf(channel: string): Replica {
    let replica = this.replicas.get(channel);
    if (replica === undefined) {
      replica = new Replica(channel);
      this.replicas.set(channel, replica);
    }
    return replica;
  }
}
