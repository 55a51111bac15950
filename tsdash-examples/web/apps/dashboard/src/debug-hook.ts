import { together, type Market } from "./market.ts";

/** What a browser test may read of the page. Nothing here changes anything. */
export interface DebugHook {
  state(): string;
  rows(): number;
  bars(): number;
  shown(): { symbol: string | undefined; interval: string };
  positions(): Record<string, { epoch: string; seq: number }>;
  connections(): number;
  resumed(): number;
  resets(): number;
  gaps(): number;
  malformed(): number;
  checksums(): number;
  checksumFailures(): number;
  paints(): number;
}

declare global {
  interface Window {
    __tsdash?: Readonly<DebugHook>;
  }
}

/** What the chart shows now; the chart keeps it up to date. */
export const shownChart: { symbol: string | undefined; interval: string; bars: number } = {
  symbol: undefined,
  interval: "",
  bars: 0,
};

export function exposeDebugHook(market: Market): void {
  const health = () => together(market.pricesFeed.health, market.tradesFeed.health);
  window.__tsdash = Object.freeze({
    state: () => health().state,
    rows: () => market.prices.symbols.get().length,
    bars: () => shownChart.bars,
    shown: () => ({ symbol: shownChart.symbol, interval: shownChart.interval }),
    positions: () => ({ ...market.pricesFeed.positions(), ...market.tradesFeed.positions() }),
    connections: () => health().connections,
    resumed: () => health().resumed,
    resets: () => health().resets,
    gaps: () => health().gaps,
    malformed: () => health().malformed,
    checksums: () => health().checksums,
    checksumFailures: () => health().checksumFailures,
    paints: () => market.prices.paints,
  });
}
