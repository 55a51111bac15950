import { useCallback, useEffect, useSyncExternalStore } from "react";
import type { Market } from "./market.ts";
import { directionOf, formatPercent, formatPrice, formatSize, formatVolume } from "./numbers.ts";

const TITLE_MILLIS = 1000;

/** The chosen symbol in large, here and in the title of the window. */
export function Headline({ market, symbol }: { market: Market; symbol: string | undefined }) {
  const { prices } = market;
  const view = useSyncExternalStore(
    useCallback((listener) => (symbol === undefined ? () => {} : prices.watch(symbol, listener)), [prices, symbol]),
    () => (symbol === undefined ? undefined : prices.view(symbol)),
  );

  useEffect(() => {
    const show = () => {
      const shown = symbol === undefined ? undefined : prices.view(symbol);
      const stale = market.pricesFeed.health.state === "live" ? "" : "(stale) ";
      document.title =
        shown === undefined ? "tsdash" : `${stale}${formatPrice(shown.row.price, shown.decimals)} ${symbol} · tsdash`;
    };
    show();
    const timer = setInterval(show, TITLE_MILLIS);
    return () => clearInterval(timer);
  }, [market, prices, symbol]);

  if (symbol === undefined || view === undefined) return <div className="headline" />;
  const { row, decimals, changePercent, move } = view;
  return (
    <div className="headline" data-testid="headline">
      <span className="name">{symbol}</span>
      <span className={`last ${move ?? ""}`}>{formatPrice(row.price, decimals)}</span>
      <span className={`change ${directionOf(changePercent)}`}>{formatPercent(changePercent)} %</span>
      <dl>
        <dt>Bid</dt>
        <dd>
          {formatPrice(row.bid, decimals)} <small>× {formatSize(row.bidSize)}</small>
        </dd>
        <dt>Ask</dt>
        <dd>
          {formatPrice(row.ask, decimals)} <small>× {formatSize(row.askSize)}</small>
        </dd>
        <dt>Open</dt>
        <dd>{formatPrice(row.open, decimals)}</dd>
        <dt>Volume</dt>
        <dd>{formatVolume(row.volume)}</dd>
      </dl>
    </div>
  );
}
