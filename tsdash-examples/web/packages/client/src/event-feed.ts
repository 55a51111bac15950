import type { Delta, Resumed, Snapshot } from "./protocol.ts";
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

/** `failed`: the server has ended the stream and says that another would end the same way. */
export type EventFeedState = "connecting" | "live" | "stale" | "failed";

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
  private resetCount = 0;

  /** @param open how streams are opened: EventSource unless said otherwise; see `fetchEvents` */
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

  /** Deltas that did not follow, or made no sense; each opened the stream anew. */
  get gaps(): number {
    return this.gapCount;
  }

  /** How often something may have been missed. */
  get resets(): number {
    return this.resetCount;
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
    let proved = false;
    const on = (type: string, take: (message: never) => boolean) =>
      events.addEventListener(type, ({ data }) => {
        if (this.events !== events) return;
        this.reopenAfter(SILENCE_MILLIS);
        const message = parsed(data);
        if (message !== undefined && take(message as never)) {
          proved = true;
          return;
        }
        this.gapCount++;
        events.close();
        // A stream that makes no sense from its beginning is not opened again at once.
        if (proved) this.start();
        else this.reopenAfter(REOPEN_MILLIS);
      });
    on("heartbeat", () => true);
    on("snapshot", (message: Snapshot) => this.onSnapshot(message));
    on("resumed", (message: Resumed) => this.replicaOf(message.channel).resumed(message));
    on("delta", (message: Delta) => this.onDelta(message));
    on("close", (message: { retry?: boolean }) => this.onEnd(message));
  }

  private onSnapshot(message: Snapshot): boolean {
    const { change, reset } = this.replicaOf(message.channel).snapshot(message);
    if (reset) this.resetCount++;
    this.onChange(change);
    return true;
  }

  private onDelta(message: Delta): boolean {
    const change = this.replicaOf(message.channel).delta(message);
    if (change !== undefined) this.onChange(change);
    return change !== undefined;
  }

  private onEnd({ retry }: { retry?: boolean }): boolean {
    if (retry === false) {
      this.close();
      this.onState("failed");
    }
    return true;
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

function parsed(data: string): object | undefined {
  try {
    const message: unknown = JSON.parse(data);
    return typeof message === "object" && message !== null ? message : undefined;
  } catch {
    return undefined;
  }
}
