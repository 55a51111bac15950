import { compareNanos, type BarRow, type Nanos } from "@tsdash/client";
import { useEffect, useState, type RefObject } from "react";
import type { Market } from "../market.ts";
import { niceStep } from "../numbers.ts";
import type { BarChart } from "./BarChart.ts";
import type { BarLoader } from "./BarLoader.ts";

const WINDOW_NANOS = 300_000_000_000n;
const REFRESH_MILLIS = 3000;
/** Until the first bars are there, looked for again soon. */
const FIRST_MILLIS = 300;
const LEVELS = 24;

/** Volume by price over the last five minutes of the symbol's own time, drawn in the chart; the result says what is drawn. */
export function useProfile(
  market: Market,
  symbol: string | undefined,
  interval: string,
  wanted: boolean,
  chart: RefObject<BarChart | null>,
  loader: RefObject<BarLoader | null>,
): string {
  const [note, setNote] = useState("");
  useEffect(() => {
    chart.current?.showProfile({ step: 1, levels: [] });
    setNote("");
    if (!wanted || symbol === undefined) return undefined;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refresh = async () => {
      const view = market.prices.view(symbol);
      const to = view?.row.time;
      const step = stepFor(loader.current?.series.all ?? [], to, view?.decimals ?? 2);
      if (to && step !== undefined && document.visibilityState === "visible") {
        try {
          const range = { from: (BigInt(to) - WINDOW_NANOS).toString(), to: (BigInt(to) + 1n).toString() };
          const profile = await market.rest.profile(symbol, step, range, abort.signal);
          if (abort.signal.aborted) return;
          chart.current?.showProfile(profile);
          setNote(profile.levels.length === 0 ? "No volume in the last 5 min" : `Volume by price, last 5 min, step ${step}`);
        } catch {
          if (abort.signal.aborted) return;
          chart.current?.showProfile({ step: 1, levels: [] });
          setNote("The volume profile can't be had now");
        }
      }
      timer = setTimeout(refresh, step === undefined ? FIRST_MILLIS : REFRESH_MILLIS);
    };
    timer = setTimeout(refresh, FIRST_MILLIS);
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [market, symbol, interval, wanted, chart, loader]);
  return note;
}

/** A round step that cuts the prices of the last five minutes into about two dozen levels; undefined while there are no bars. */
export function stepFor(bars: readonly BarRow[], to: Nanos | null | undefined, decimals: number): number | undefined {
  if (!to || bars.length === 0) return undefined;
  const from = (BigInt(to) - WINDOW_NANOS).toString();
  const recent = bars.filter((bar) => compareNanos(bar.closeTime, from) > 0);
  const counted = recent.length > 0 ? recent : bars.slice(-1);
  const high = Math.max(...counted.map((bar) => bar.high));
  const low = Math.min(...counted.map((bar) => bar.low));
  return niceStep(Math.max((high - low) / LEVELS, 10 ** -decimals));
}
