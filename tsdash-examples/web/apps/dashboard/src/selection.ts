/** Symbol and interval in the address, so that a view can be reloaded, bookmarked and sent to a colleague. */

export const INTERVALS = ["1s", "1m", "5m", "15m", "1h"] as const;
export type IntervalName = (typeof INTERVALS)[number];

/** What the user has chosen; undefined where the page may choose. */
export interface Selection {
  symbol: string | undefined;
  interval: IntervalName | undefined;
}

export function selectionOf(hash: string): Selection {
  const [symbol = "", interval = ""] = hash.replace(/^#\/?/, "").split("/");
  return {
    symbol: symbol === "" ? undefined : safeDecode(symbol),
    interval: INTERVALS.find((name) => name === interval),
  };
}

export function hashOf({ symbol, interval }: Selection): string {
  const path = `#/${encodeURIComponent(symbol ?? "")}`;
  return interval === undefined ? path : `${path}/${interval}`;
}

function safeDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
