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
  /** Direction of the move that is flashed. */
  flashMove: "up" | "down" | undefined;
  /** +1 with each flash: two in the same direction are two flashes. */
  flashes: number;
  flashedAtMillis: number;
}

/** A row that flashes more often than this says nothing but that it flashes. */
const FLASH_APART_MILLIS = 900;

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
  private readonly nowMillis: () => number;
  private paintCount = 0;

  constructor(frames?: FrameSource, nowMillis: () => number = () => performance.now()) {
    this.nowMillis = nowMillis;
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
    const now = this.nowMillis();
    let removed = false;
    for (const [symbol, row] of changes) {
      if (row === undefined) removed = this.views.delete(symbol) || removed;
      else this.views.set(symbol, viewOf(row, this.views.get(symbol), now));
    }
    if (removed || this.views.size !== sizeBefore) this.symbols.set([...this.views.keys()].sort());
    for (const symbol of changes.keys()) this.watchers.get(symbol)?.forEach((watcher) => watcher());
  }
}

function viewOf(row: PriceRow, before: PriceView | undefined, nowMillis: number): PriceView {
  const { price, open, bid, ask } = row;
  let decimals = before?.decimals ?? 0;
  for (const value of [price, bid, ask]) decimals = Math.max(decimals, decimalsOf(value ?? 0));
  const last = before?.row.price;
  const moved = typeof price === "number" && typeof last === "number" && price !== last;
  const flash = moved && nowMillis - before!.flashedAtMillis >= FLASH_APART_MILLIS;
  return {
    row,
    decimals,
    changePercent: typeof price === "number" && open ? ((price - open) / open) * 100 : undefined,
    move: moved ? (price > last ? "up" : "down") : before?.move,
    flashes: (before?.flashes ?? 0) + (flash ? 1 : 0),
    flashedAtMillis: flash ? nowMillis : (before?.flashedAtMillis ?? Number.NEGATIVE_INFINITY),
    flashMove: flash ? (price > last ? "up" : "down") : before?.flashMove,
  };
}
