import type { TradeRow } from "@tsdash/client";

const LENGTH_MAX = 200;

/** The newest trades of one symbol, newest first; a correction or cancel replaces the trade that it is about, in place. */
export function addToTape(tape: readonly TradeRow[], rows: readonly TradeRow[]): readonly TradeRow[] {
  const next = [...tape];
  for (const row of rows) {
    const known = row.version ? next.findIndex((trade) => trade.id === row.id && trade.time === row.time) : -1;
    if (known >= 0) next[known] = row;
    else next.unshift(row);
  }
  return next.slice(0, LENGTH_MAX);
}
