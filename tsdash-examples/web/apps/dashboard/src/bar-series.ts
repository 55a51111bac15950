import { compareNanos, type BarRow, type Nanos } from "@tsdash/client";

/** What has to be drawn anew: one bar that is there or comes last, or everything. */
export type SeriesChange = { kind: "none" } | { kind: "bar"; bar: BarRow; last: boolean } | { kind: "all" };

/** A day of one-second bars and some; the oldest go when a page is left open for longer. */
const BARS_MAX = 100_000;
const BARS_DROPPED = 10_000;

/**
 * Bars of one symbol and interval in order of open time, put together from history (REST) and the live channel.
 *
 * For the same bar the higher revision holds; with equal revisions the live row does, since it is never older.
 */
export class BarSeries {
  private readonly bars: BarRow[] = [];
  private readonly live = new Set<Nanos>();

  get length(): number {
    return this.bars.length;
  }

  get all(): readonly BarRow[] {
    return this.bars;
  }

  get first(): BarRow | undefined {
    return this.bars[0];
  }

  get last(): BarRow | undefined {
    return this.bars.at(-1);
  }

  /** Takes a row of the live channel; one with no trades takes the bar back. */
  putLive(row: BarRow): SeriesChange {
    const index = this.indexOf(row.openTime);
    const there = this.bars[index]?.openTime === row.openTime;
    if (row.trades === 0) {
      this.live.delete(row.openTime);
      if (!there) return { kind: "none" };
      this.bars.splice(index, 1);
      return { kind: "all" };
    }
    this.live.add(row.openTime);
    if (there && this.bars[index]!.revision > row.revision) return { kind: "none" };
    this.bars.splice(index, there ? 1 : 0, row);
    const last = index === this.bars.length - 1;
    if (this.bars.length > BARS_MAX) {
      for (const { openTime } of this.bars.splice(0, BARS_DROPPED)) this.live.delete(openTime);
      return { kind: "all" };
    }
    return there || last ? { kind: "bar", bar: row, last } : { kind: "all" };
  }

  /**
   * Takes a page of history. Between its first and last bar the page is complete: what is here and not in the page was taken back
   * meanwhile, unless the live channel said it.
   *
   * @returns how many bars are new
   */
  putHistory(page: readonly BarRow[]): number {
    const first = page[0];
    const last = page.at(-1);
    if (first === undefined || last === undefined) return 0;
    const inPage = new Set(page.map((bar) => bar.openTime));
    const kept = this.bars.filter(
      (bar) =>
        inPage.has(bar.openTime) ||
        this.live.has(bar.openTime) ||
        compareNanos(bar.openTime, first.openTime) < 0 ||
        compareNanos(bar.openTime, last.openTime) > 0,
    );
    this.bars.splice(0, this.bars.length, ...kept);
    let added = 0;
    for (const bar of page) {
      if (bar.trades === 0) continue;
      const index = this.indexOf(bar.openTime);
      const here = this.bars[index];
      if (here?.openTime !== bar.openTime) {
        this.bars.splice(index, 0, bar);
        added++;
      } else if (bar.revision > here.revision || (bar.revision === here.revision && !this.live.has(bar.openTime))) {
        this.bars[index] = bar;
      }
    }
    return added;
  }

  dropBefore(openTime: Nanos): void {
    this.bars.splice(0, this.indexOf(openTime));
  }

  /** A new snapshot of the live channel follows: what it said before no longer outweighs history. */
  forgetLive(): void {
    this.live.clear();
  }

  /** Index of the first bar that does not open before `openTime`. */
  private indexOf(openTime: Nanos): number {
    let low = 0;
    let high = this.bars.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareNanos(this.bars[middle]!.openTime, openTime) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
