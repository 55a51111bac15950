import {
  EventFeed,
  Feed,
  Rest,
  binaryCodec,
  jsonCodec,
  nanosToMillis,
  type AlertRow,
  type ChannelChange,
  type EventFeedState,
  type FeedHealth,
  type FeedState,
  type NewsRow,
  type PriceRow,
  type StatusRow,
} from "@tsdash/client";
import { Observable } from "./observable.ts";
import { PriceBook } from "./price-book.ts";

/** An item of the news panel, whichever channel it came from. */
export type Notice = { kind: "news"; row: NewsRow; number: number } | { kind: "alert"; row: AlertRow; number: number };

const NOTICES_MAX = 100;
/** How often some channels are compared with the server. */
const CHECKSUM_MILLIS = 10_000;

/** Everything that the page receives, and the connections it comes by. */
export class Market {
  readonly prices = new PriceBook();
  readonly rest: Rest;
  readonly pricesFeed: Feed;
  readonly tradesFeed: Feed;
  readonly pricesHealth: Observable<FeedHealth>;
  readonly tradesHealth: Observable<FeedHealth>;
  /** How feeds, stores and the other parts of the server are. */
  readonly status = new Observable<readonly StatusRow[]>([]);
  /** Whether the server itself is behind the others that it shares its channels with, and all prices with it. */
  readonly serverStale = new Observable(false);
  readonly notices = new Observable<readonly Notice[]>([]);
  readonly eventsState = new Observable<EventFeedState>("connecting");
  private readonly events: EventFeed;
  private readonly statusRows = new Map<string, Map<string, StatusRow>>();
  private noticeCount = 0;

  /** @param server its address; with `form=json` in the query the data comes as JSON, which can be read in the browser's tools */
  constructor(server: URL) {
    const codec = server.searchParams.get("form") === "json" ? jsonCodec() : binaryCodec();
    this.rest = new Rest(server.origin);
    const sockets = server.origin.replace(/^http/, "ws");
    const options = { codec, checksumMillis: CHECKSUM_MILLIS };
    this.pricesFeed = new Feed(`${sockets}/prices`, { onHealth: (health) => this.pricesHealth?.set(health), onFault: logFault }, options);
    this.pricesHealth = new Observable(this.pricesFeed.health);
    this.tradesFeed = new Feed(`${sockets}/trades`, { onHealth: (health) => this.tradesHealth?.set(health), onFault: logFault }, options);
    this.tradesHealth = new Observable(this.tradesFeed.health);
    this.pricesFeed.subscribe("prices:*", (change) => this.onPrices(change));
    this.pricesFeed.subscribe("status", (change) => this.onStatus(change));
    this.pricesFeed.subscribe("node", (change) => this.onStatus(change));
    this.events = new EventFeed(
      `${server.origin}/stream?channels=news,alerts`,
      (change) => this.onNotices(change),
      (state) => this.eventsState.set(state),
    );
  }

  reconnectNow(): void {
    this.pricesFeed.reconnectNow();
    this.tradesFeed.reconnectNow();
  }

  close(): void {
    this.pricesFeed.close();
    this.tradesFeed.close();
    this.events.close();
  }

  private onPrices(change: ChannelChange): void {
    if (change.kind === "snapshot" && change.rows.length === 0) this.prices.remove(change.channel.slice("prices:".length));
    for (const row of change.rows) this.prices.put(row as unknown as PriceRow);
    for (const symbol of change.removed) this.prices.remove(symbol);
  }

  /** Rows of `status`, which all servers share, and of `node`, which is the server's own. */
  private onStatus(change: ChannelChange): void {
    const kept = this.statusRows.get(change.channel);
    const rows = new Map(change.kind === "snapshot" ? [] : kept);
    for (const row of change.rows) rows.set(String(row["name"]), row as unknown as StatusRow);
    for (const name of change.removed) rows.delete(name);
    this.statusRows.set(change.channel, rows);
    const own = [...(this.statusRows.get("node")?.values() ?? [])];
    this.status.set([...(this.statusRows.get("status")?.values() ?? []), ...own]);
    this.serverStale.set(own.some((part) => part.stale === true));
  }

  private onNotices(change: ChannelChange): void {
    const kind = change.channel === "alerts" ? "alert" : "news";
    const kept = change.kind === "snapshot" ? this.notices.get().filter((notice) => notice.kind !== kind) : this.notices.get();
    const added = change.rows.map((row) => ({ kind, row, number: ++this.noticeCount }) as unknown as Notice);
    const newestFirst = [...kept, ...added].sort((a, b) => nanosToMillis(b.row.time) - nanosToMillis(a.row.time));
    this.notices.set(newestFirst.slice(0, NOTICES_MAX));
  }
}

/** An error in the console: the browser test, and whoever looks, should see it. */
function logFault(reason: string): void {
  console.error(`tsdash: ${reason}`);
}

const WORST_FIRST: readonly FeedState[] = ["failed", "stale", "connecting", "live", "closed"];

/** The health of several connections as one: the worst state, and sums of what was counted. */
export function together(a: FeedHealth, b: FeedHealth): FeedHealth {
  const worst = WORST_FIRST.indexOf(a.state) <= WORST_FIRST.indexOf(b.state) ? a : b;
  return {
    state: worst.state,
    reason: worst.reason,
    lastFrameMillis: worst.lastFrameMillis,
    connections: a.connections + b.connections,
    gaps: a.gaps + b.gaps,
    resumed: a.resumed + b.resumed,
    resets: a.resets + b.resets,
    slowSnapshots: a.slowSnapshots + b.slowSnapshots,
    conflated: a.conflated + b.conflated,
    malformed: a.malformed + b.malformed,
    checksums: a.checksums + b.checksums,
    checksumFailures: a.checksumFailures + b.checksumFailures,
    queuedBytes: a.queuedBytes + b.queuedBytes,
    roundTripMillis: a.roundTripMillis ?? b.roundTripMillis,
  };
}
