import type { FeedHealth } from "@tsdash/client";
import { together, type Market } from "./market.ts";
import { useObservable } from "./observable.ts";

/** The health of both connections as one. */
export function useHealth(market: Market): FeedHealth {
  return together(useObservable(market.pricesHealth), useObservable(market.tradesHealth));
}

/** How long ago the last frame came; ticks once a second while `running`. */
export function silenceMillis(health: FeedHealth): number {
  return health.lastFrameMillis === undefined ? 0 : performance.now() - health.lastFrameMillis;
}
