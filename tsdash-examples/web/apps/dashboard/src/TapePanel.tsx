import { FrameBuffer, type TradeRow } from "@tsdash/client";
import { useEffect, useState } from "react";
import { clockOf } from "./clock.ts";
import type { Market } from "./market.ts";
import { decimalsOf, formatPrice, formatSize } from "./numbers.ts";
import { addToTape } from "./trade-tape.ts";

/** As many as a tall screen shows; the list scrolls no further. */
const SHOWN_MAX = 80;

/** Every trade of the chosen symbol, newest first. */
export function TapePanel({ market, symbol }: { market: Market; symbol: string | undefined }) {
  const [tape, setTape] = useState<readonly TradeRow[]>([]);
  const [problem, setProblem] = useState<string>();

  useEffect(() => {
    setTape([]);
    setProblem(undefined);
    if (symbol === undefined) return undefined;
    let trades: readonly TradeRow[] = [];
    const buffer = new FrameBuffer<"tape", readonly TradeRow[]>((changes) => setTape(changes.get("tape")!));
    const unsubscribe = market.tradesFeed.subscribe(
      `trades:${symbol}`,
      (change) => {
        trades = addToTape(change.kind === "snapshot" ? [] : trades, change.rows as unknown as TradeRow[]);
        buffer.put("tape", trades);
      },
      (error) => setProblem(error.message),
    );
    return () => {
      unsubscribe();
      buffer.clear();
    };
  }, [market, symbol]);

  const shown = tape.slice(0, SHOWN_MAX);
  const decimals = shown.reduce((most, { price }) => Math.max(most, decimalsOf(price)), 0);
  return (
    <section className="panel tape" aria-label="Trades">
      <div className="panel-head">
        <h2>Trades</h2>
        <span className="quiet">{symbol}</span>
      </div>
      <div className="table-scroll">
        <table data-testid="tape">
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Price</th>
              <th scope="col">Volume</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((trade) => (
              <TapeRow key={`${trade.time}/${trade.id}`} trade={trade} decimals={decimals} />
            ))}
          </tbody>
        </table>
        {shown.length === 0 && <p className="empty">{problem ?? (symbol ? "No trades yet." : "Choose a symbol.")}</p>}
      </div>
    </section>
  );
}

function TapeRow({ trade, decimals }: { trade: TradeRow; decimals: number }) {
  const side = trade.side === "BUY" ? "up" : trade.side === "SELL" ? "down" : "";
  const cancelled = trade.version === "CANCELLED";
  const corrected = typeof trade.version === "number" && trade.version > 0;
  const title = cancelled
    ? "Cancelled by the venue"
    : corrected
      ? `Corrected by the venue (${trade.version})`
      : trade.side === "BUY"
        ? "The buyer took it"
        : trade.side === "SELL"
          ? "The seller took it"
          : undefined;
  return (
    <tr className={cancelled ? "cancelled" : undefined} title={title}>
      <td>{clockOf(trade.time)}</td>
      <td className={side}>
        <i aria-hidden="true">{side === "up" ? "▴" : side === "down" ? "▾" : ""}</i>
        {formatPrice(trade.price, decimals)}
        {corrected && <sup>c</sup>}
      </td>
      <td>{formatSize(trade.volume)}</td>
    </tr>
  );
}
