import { EventFeed, fetchEvents, type ChannelChange, type EventFeedState } from "@tsdash/client";
import { Observable } from "../observable.ts";

/** The server looks no more often than once a second. */
const PERIOD_MILLIS = 2000;
const TIMEOUT_MILLIS = 10_000;
const CHANGES_MAX = 200;

/** What `GET /operator/overview` answers: docs/protocol.md section 5. */
export interface Overview {
  connections: number;
  sessions: number;
  channels: number;
  mostHeard: { name: string; form: "state" | "log"; sequence: number; subscribers: number }[];
  slowest: {
    session: string;
    user: string;
    address: string;
    channels: number;
    intervalMillis: number;
    queuedBytes: number;
    fullMillis: number;
    conflated: number;
  }[];
}

/** How the parts of the server are, as `GET /health` answers. */
export interface Health {
  status: string;
  parts: Record<string, { status: string; reason?: string }>;
}

/** What the server said last, and why it has said nothing since. */
export interface Seen {
  overview?: Overview;
  health?: Health;
  problem?: string;
  /** Whether it wants to know who asks. */
  needsToken: boolean;
}

/** A row of the channel that is followed. */
export interface Followed {
  number: number;
  millis: number;
  kind: string;
  text: string;
}

/** Asks the server again and again who listens to what, and follows one channel at a time. */
export class Operator {
  readonly seen = new Observable<Seen>({ needsToken: false });
  readonly channel = new Observable<string | undefined>(undefined);
  readonly followState = new Observable<EventFeedState>("connecting");
  readonly followed = new Observable<readonly Followed[]>([]);
  private feed: EventFeed | undefined;
  private prefix = "";
  private token = "";
  private rowCount = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly server: string;

  constructor(server: string) {
    this.server = server;
  }

  /** Looks now, and every two seconds from here on. */
  async look(): Promise<void> {
    clearTimeout(this.timer);
    try {
      const query = new URLSearchParams(this.prefix === "" ? {} : { prefix: this.prefix });
      const [overview, health] = await Promise.all([this.ask(`/operator/overview?${query}`), this.ask("/health")]);
      this.seen.set(
        overview.ok
          ? { overview: await overview.json(), health: await health.json(), needsToken: false }
          : { ...this.seen.get(), problem: await reason(overview), needsToken: [401, 403].includes(overview.status) },
      );
    } catch {
      this.seen.set({ ...this.seen.get(), problem: "The server can't be reached." });
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(), PERIOD_MILLIS);
  }

  /** Shows the channels whose names begin so. */
  filter(prefix: string): void {
    this.prefix = prefix;
    void this.look();
  }

  /** Says from here on who asks; kept in the memory of the page only. */
  signIn(token: string): void {
    this.token = token;
    void this.look();
    this.follow(this.channel.get());
  }

  /** Shows each row of a channel as it comes, or stops. */
  follow(channel: string | undefined): void {
    this.feed?.close();
    this.feed = undefined;
    this.followed.set([]);
    this.channel.set(channel);
    if (channel === undefined) return;
    this.feed = new EventFeed(
      `${this.server}/stream?intervalMillis=0&channels=${encodeURIComponent(channel)}`,
      (change) => this.onChange(change),
      (state) => this.followState.set(state),
      fetchEvents({ headers: () => this.headers() }),
    );
  }

  private headers(): Record<string, string> {
    return this.token === "" ? {} : { authorization: `Bearer ${this.token}` };
  }

  /** Health comes with 503 too, and says why. */
  private ask(path: string): Promise<Response> {
    return fetch(this.server + path, { headers: this.headers(), cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MILLIS) });
  }

  private onChange(change: ChannelChange): void {
    const millis = Date.now();
    const texts = [...change.rows.map((row) => JSON.stringify(row)), ...change.removed.map((key) => `removed: ${key}`)];
    const rows = texts.map((text) => ({ number: ++this.rowCount, millis, kind: change.kind, text }));
    this.followed.set([...rows.reverse(), ...this.followed.get()].slice(0, CHANGES_MAX));
  }
}

async function reason(answer: Response): Promise<string> {
  const problem: { detail?: string } = await answer.json().catch(() => ({}));
  return problem.detail ?? `The server answered ${answer.status}.`;
}
