import { nanosToMillis, type BarRow } from "@tsdash/client";
import { decimalsOf, formatPercent, formatPrice, formatVolume } from "../numbers.ts";

/** The bar under the pointer, or the newest, in numbers. */
export function Legend({ bar }: { bar: BarRow | undefined }) {
  if (bar === undefined) return null;
  const { open, high, low, close, volume, vwap, trades, revision, state } = bar;
  const decimals = Math.max(...[open, high, low, close].map(decimalsOf));
  const direction = close > open ? "up" : close < open ? "down" : "";
  return (
    <div className="legend" data-testid="legend">
      <time>{new Date(nanosToMillis(bar.openTime)).toISOString().slice(5, 19).replace("T", " ")}</time>
      <span>
        O <b className={direction}>{formatPrice(open, decimals)}</b>
      </span>
      <span>
        H <b className={direction}>{formatPrice(high, decimals)}</b>
      </span>
      <span>
        L <b className={direction}>{formatPrice(low, decimals)}</b>
      </span>
      <span>
        C <b className={direction}>{formatPrice(close, decimals)}</b>
      </span>
      <span className={direction}>{formatPercent((close / open - 1) * 100)} %</span>
      <span>
        Vol <b>{formatVolume(volume)}</b>
      </span>
      {typeof vwap === "number" && (
        <span>
          VWAP <b>{formatPrice(vwap, decimals)}</b>
        </span>
      )}
      <span>
        Trades <b>{trades}</b>
      </span>
      {state === "REVISED" && (
        <em className="mark" title="Changed after it was closed, by a late, corrected or cancelled trade">
          revised {revision}×
        </em>
      )}
    </div>
  );
}
