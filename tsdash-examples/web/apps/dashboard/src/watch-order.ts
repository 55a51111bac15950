import { useEffect, useMemo, useRef, useState } from "react";
import { useObservable } from "./observable.ts";
import type { Preferences } from "./preferences.ts";
import type { PriceBook, PriceView } from "./price-book.ts";

type Sort = Preferences["sort"];

/** A list that is sorted by moving values is put in order once a second: rows that jump faster can't be read or clicked. */
const RESORT_MILLIS = 1000;

function sortValue(view: PriceView | undefined, column: Sort["column"]): number {
  const value = column === "change" ? view?.changePercent : column === "symbol" ? undefined : view?.row[column];
  return value ?? Number.NEGATIVE_INFINITY;
}

/** Symbols in the order shown: those that match, pinned ones first, each group sorted. */
export function orderSymbols(
  symbols: readonly string[],
  view: (symbol: string) => PriceView | undefined,
  filter: string,
  sort: Sort,
  pinned: readonly string[],
): readonly string[] {
  const wanted = filter.trim().toUpperCase();
  const matching = symbols.filter((symbol) => symbol.toUpperCase().includes(wanted));
  const pins = new Set(pinned);
  const sign = sort.descending ? -1 : 1;
  return matching.sort((a, b) => {
    const byPin = Number(pins.has(b)) - Number(pins.has(a));
    if (byPin !== 0) return byPin;
    const byName = a < b ? -1 : a > b ? 1 : 0;
    if (sort.column === "symbol") return sign * byName;
    const [x, y] = [sortValue(view(a), sort.column), sortValue(view(b), sort.column)];
    return x === y ? byName : x < y ? -sign : sign;
  });
}

export function useShownSymbols(
  prices: PriceBook,
  filter: string,
  sort: Sort,
  pinned: readonly string[],
): readonly string[] {
  const symbols = useObservable(prices.symbols);
  const [tick, setTick] = useState(0);
  const moving = sort.column !== "symbol";
  useEffect(() => {
    if (!moving) return undefined;
    const timer = setInterval(() => setTick((before) => before + 1), RESORT_MILLIS);
    return () => clearInterval(timer);
  }, [moving]);
  const before = useRef<readonly string[]>([]);
  return useMemo(() => {
    const next = orderSymbols(symbols, (symbol) => prices.view(symbol), filter, sort, pinned);
    const same = next.length === before.current.length && next.every((symbol, i) => symbol === before.current[i]);
    if (!same) before.current = next;
    return before.current;
    // `tick` stands for the prices, which change too often to be a dependency.
  }, [symbols, prices, filter, sort, pinned, tick]);
}
