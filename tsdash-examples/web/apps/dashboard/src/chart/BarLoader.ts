import {
  FrameBuffer,
  RequestFailed,
  compareNanos,
  type BarRow,
  type ChannelChange,
  type FrameSource,
  type Nanos,
} from "@tsdash/client";
import { BarSeries, type SeriesChange } from "../bar-series.ts";
import type { Market } from "../market.ts";

const PAGE_BARS = 500;
/** After a longer absence than this many pages the chart starts anew rather than hold the server up. */
const FILL_PAGES_MAX = 20;
/** Bars that may wait for a frame (a hidden page has none); beyond, history is asked for when the page is seen again. */
const PENDING_MAX = 2000;

export type LoadState =
  | { kind: "loading" }
  | { kind: "ready" }
  /** The history could not be had; live bars may come all the same. */
  | { kind: "failed"; message: string };

export interface BarLoaderListener {
  onBars(change: SeriesChange): void;
  onState(state: LoadState): void;
  onLiveRefused(message: string): void;
}

type Connection = Pick<Market, "rest" | "pricesFeed" | "pricesHealth">;

/**
 * Brings the bars of one symbol and interval together: history by pages, newest first, and the live channel. The channel holds the newest
 * bars only, so after every loss of the connection and every new snapshot history is asked for again, back to the last bar from before.
 */
export class BarLoader {
  readonly series = new BarSeries();
  private readonly market: Connection;
  private readonly symbol: string;
  private readonly interval: string;
  private readonly listener: BarLoaderListener;
  private readonly abort = new AbortController();
  private readonly buffer: FrameBuffer<Nanos, BarRow>;
  private readonly unsubscribe: () => void;
  private readonly unwatch: () => void;
  /** The newest bar from before a loss; between it and what came after, bars may be missing. */
  private solidTo: Nanos | undefined;
  private overflowed = false;
  private loadingOlder = false;
  private reachedFirst = false;

  constructor(
    market: Connection,
    symbol: string,
    interval: string,
    listener: BarLoaderListener,
    frames?: FrameSource,
  ) {
    this.market = market;
    this.symbol = symbol;
    this.interval = interval;
    this.listener = listener;
    this.buffer = new FrameBuffer((changes) => this.paint(changes), frames);
    listener.onState({ kind: "loading" });
    void this.loadNewest();
    this.unsubscribe = market.pricesFeed.subscribe(
      `bars:${interval}:${symbol}`,
      (change) => this.onLive(change),
      (error) => listener.onLiveRefused(error.message),
    );
    let { state } = market.pricesHealth.get();
    this.unwatch = market.pricesHealth.subscribe(() => {
      const before = state;
      state = market.pricesHealth.get().state;
      if (state === "stale") this.markSolid();
      else if (state === "live" && before !== "live" && this.solidTo !== undefined) void this.loadNewest();
    });
  }

  /** Loads the newest page, and older ones as far as bars may be missing. */
  async loadNewest(): Promise<void> {
    let page = await this.load({}, true);
    for (let pages = 1; page !== undefined && this.isHoleBefore(page.bars[0]); pages++) {
      if (pages === FILL_PAGES_MAX) {
        this.series.dropBefore(page.bars[0]!.openTime);
        break;
      }
      page = await this.load({ to: page.bars[0]!.openTime }, true);
    }
    if (page === undefined) return;
    this.solidTo = undefined;
    this.listener.onBars({ kind: "all" });
    this.listener.onState({ kind: "ready" });
  }

  /** Loads the page before the oldest bar here, one at a time, until there are none. */
  async loadOlder(): Promise<void> {
    const { first } = this.series;
    if (first === undefined || this.loadingOlder || this.reachedFirst) return;
    this.loadingOlder = true;
    try {
      const page = await this.load({ to: first.openTime }, false);
      if (page === undefined) return;
      this.reachedFirst = page.added === 0;
      this.listener.onBars({ kind: "all" });
    } finally {
      this.loadingOlder = false;
    }
  }

  close(): void {
    this.abort.abort();
    this.unsubscribe();
    this.unwatch();
    this.buffer.clear();
  }

  private markSolid(): void {
    this.solidTo ??= this.series.last?.openTime;
  }

  private isHoleBefore(bar: BarRow | undefined): boolean {
    return bar !== undefined && this.solidTo !== undefined && compareNanos(bar.openTime, this.solidTo) > 0;
  }

  private async load(
    range: { to?: Nanos },
    newest: boolean,
  ): Promise<{ bars: readonly BarRow[]; added: number } | undefined> {
    try {
      const { bars } = await this.market.rest.bars(
        this.symbol,
        this.interval,
        { ...range, limit: PAGE_BARS },
        this.abort.signal,
      );
      if (this.abort.signal.aborted) return undefined;
      return { bars, added: this.series.putHistory(bars) };
    } catch (failure) {
      if (this.abort.signal.aborted) return undefined;
      const message = failure instanceof RequestFailed ? failure.message : String(failure);
      if (newest) this.listener.onState({ kind: "failed", message });
      return undefined;
    }
  }

  private onLive(change: ChannelChange): void {
    if (change.kind === "snapshot") {
      this.markSolid();
      this.series.forgetLive();
      if (this.solidTo !== undefined) void this.loadNewest();
    }
    // A row that leaves the channel only grows old there; a bar that is taken back comes with no trades.
    if (this.buffer.size >= PENDING_MAX) {
      this.markSolid();
      this.overflowed = true;
      this.buffer.clear();
    }
    for (const row of change.rows as unknown as BarRow[]) this.buffer.put(row.openTime, row);
  }

  private paint(changes: ReadonlyMap<Nanos, BarRow>): void {
    const drawn = [...changes.values()].map((row) => this.series.putLive(row));
    if (drawn.some(({ kind }) => kind === "all")) this.listener.onBars({ kind: "all" });
    else drawn.forEach((change) => this.listener.onBars(change));
    if (this.overflowed) {
      this.overflowed = false;
      void this.loadNewest();
    }
  }
}
