import { FrameBuffer, type FrameSource, type PriceRow } from "@tsdash/client";
import { decimalsOf } from "./numbers.ts";
import { Observable } from "./observable.ts";

/** A row of the watch-list as it is shown. */
export interface PriceView {
  row: PriceRow;
  /** Most decimals seen in this symbol's prices, so that its column does not jump. */
  decimals: number;
  changePercent: number | undefined;
  /** Direction of the last move of the price. */
  move: "up" | "down" | undefined;
  /** +1 with each move: two moves up in a row are two flashes. */
  moves: number;
}

/**
 * Newest prices of all symbols. Rows arrive at any speed and are published once an animation frame; only those who watch a symbol that
 * changed are told.
 */
export class PriceBook {
  /** All symbols, sorted; changes only when one comes or goes. */
  readonly symbols = new Observable<readonly string[]>([]);
  private readonly views = new Map<string, PriceView>();
  private readonly watchers = new Map<string, Set<() => void>>();
  private readonly buffer: FrameBuffer<string, PriceRow | undefined>;
  private paintCount = 0;

  constructor(frames?: FrameSource) {
    this.buffer = new FrameBuffer((changes) => this.publish(changes), frames);
  }

  get paints(): number {
    return this.paintCount;
  }

  put(row: PriceRow): void {
    this.buffer.put(row.symbol, row);
  }

  remove(symbol: string): void {
    this.buffer.put(symbol, undefined);
  }

  view(symbol: string): PriceView | undefined {
    return this.views.get(symbol);
  }

  watch(symbol: string, watcher: () => void): () => void {
    const watchers = this.watchers.get(symbol) ?? new Set();
    this.watchers.set(symbol, watchers.add(watcher));
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0 && this.watchers.get(symbol) === watchers) this.watchers.delete(symbol);
    };
  }

  private publish(changes: ReadonlyMap<string, PriceRow | undefined>): void {
    this.paintCount++;
    const sizeBefore = this.views.size;
    let removed = false;
    for (const [symbol, row] of changes) {
      if (row === undefined) removed = this.views.delete(symbol) || removed;
      else this.views.set(symbol, viewOf(row, this.views.get(symbol)));
    }
    if (removed || this.views.size !== sizeBefore) this.symbols.set([...this.views.keys()].sort());
    for (const symbol of changes.keys()) this.watchers.get(symbol)?.forEach((watcher) => watcher());
  }
}

function viewOf(row: PriceRow, before: PriceView | undefined): PriceView {
  const { price, open, bid, ask } = row;
  let decimals = before?.decimals ?? 0;
  for (const value of [price, bid, ask]) decimals = Math.max(decimals, decimalsOf(value ?? 0));
  const last = before?.row.price;
  const moved = typeof price === "number" && typeof last === "number" && price !== last;
  return {
    row,
    decimals,
    changePercent: typeof price === "number" && open ? ((price - open) / open) * 100 : undefined,
    move: moved ? (price > last ? "up" : "down") : before?.move,
    moves: (before?.moves ?? 0) + (moved ? 1 : 0),
  };
}
