/** Symbol and interval in the address, so that a view can be reloaded, bookmarked and sent to a colleague. */

export const INTERVALS = ["1s", "1m", "5m", "15m", "1h"] as const;
export type IntervalName = (typeof INTERVALS)[number];

export interface Selection {
  symbol: string | undefined;
  interval: IntervalName;
}

export function selectionOf(hash: string): Selection {
  const [symbol = "", interval = ""] = hash.replace(/^#\/?/, "").split("/");
  return {
    symbol: symbol === "" ? undefined : safeDecode(symbol),
    interval: INTERVALS.find((name) => name === interval) ?? "1m",
  };
}

export function hashOf({ symbol, interval }: Selection): string {
  return `#/${encodeURIComponent(symbol ?? "")}/${interval}`;
}

function safeDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
