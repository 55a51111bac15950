import { nanosToSeconds, type BarRow } from "@tsdash/client";
import { useEffect, useRef, useState } from "react";
import { shownChart } from "../debug-hook.ts";
import type { Market } from "../market.ts";
import { INTERVALS, type IntervalName } from "../selection.ts";
import type { ShownTheme } from "../theme.ts";
import { BarChart } from "./BarChart.ts";
import { BarLoader, type LoadState } from "./BarLoader.ts";
import { readColors } from "./colors.ts";
import { Legend } from "./Legend.tsx";
import { useProfile } from "./use-profile.ts";

const YOUNG_BARS = 15;

interface Props {
  market: Market;
  symbol: string | undefined;
  interval: IntervalName;
  onInterval(interval: IntervalName): void;
  /** The server has hardly any history of one-minute bars yet. Must not change from one rendering to the next. */
  onYoung(): void;
  theme: ShownTheme;
  showProfile: boolean;
  onProfile(): void;
}

/** Bars of the chosen symbol with volume and volume profile, live. */
export function ChartPanel({ market, symbol, interval, onInterval, onYoung, theme, showProfile, onProfile }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<BarChart>(null);
  const loader = useRef<BarLoader>(null);
  const [state, setState] = useState<LoadState>({ kind: "loading" });
  const [liveProblem, setLiveProblem] = useState<string>();
  const [count, setCount] = useState(0);
  const [last, setLast] = useState<BarRow>();
  const [pointed, setPointed] = useState<number>();

  useEffect(() => {
    if (symbol === undefined || box.current === null) return undefined;
    setCount(0);
    setLast(undefined);
    setPointed(undefined);
    setLiveProblem(undefined);
    Object.assign(shownChart, { symbol, interval, bars: 0 });
    const drawing = new BarChart(box.current, readColors(box.current), () => void bars.loadOlder(), setPointed);
    const bars: BarLoader = new BarLoader(market, symbol, interval, {
      onBars: (change) => {
        drawing.show(change, bars.series.all);
        shownChart.bars = bars.series.length;
        setCount(bars.series.length);
        setLast(bars.series.last);
      },
      onState: (next) => {
        setState(next);
        if (next.kind === "ready" && interval === "1m" && bars.series.length < YOUNG_BARS) onYoung();
      },
      onLiveRefused: setLiveProblem,
    });
    chart.current = drawing;
    loader.current = bars;
    return () => {
      bars.close();
      drawing.close();
      chart.current = null;
      loader.current = null;
    };
  }, [market, symbol, interval, onYoung]);

  useEffect(() => {
    if (box.current === null) return;
    chart.current?.recolor(readColors(box.current), loader.current?.series.all);
  }, [theme]);

  const profileNote = useProfile(market, symbol, interval, showProfile, chart, loader);
  const legendBar = pointed === undefined ? last : (barAt(loader.current, pointed) ?? last);

  return (
    <section className="panel chart-panel" aria-label="Chart">
      <div className="panel-head">
        <h2 className="chart-title">{symbol ?? "Chart"}</h2>
        <div className="segments" role="group" aria-label="Interval">
          {INTERVALS.map((name, i) => (
            <button
              key={name}
              type="button"
              aria-pressed={name === interval}
              title={`Bars of ${name} (key ${i + 1})`}
              onClick={() => onInterval(name)}
              data-testid={`interval-${name}`}
            >
              {name}
            </button>
          ))}
        </div>
        <button
          type="button"
          className="toggle"
          aria-pressed={showProfile}
          title="Volume by price over the last five minutes (key p)"
          onClick={onProfile}
        >
          Profile
        </button>
        <button
          type="button"
          className="toggle"
          title="Scroll to the newest bar"
          onClick={() => chart.current?.toNewest()}
        >
          Newest
        </button>
      </div>
      <div className="chart" data-testid="chart" data-bars={count}>
        <div
          className="chart-box"
          ref={box}
          role="img"
          aria-label={`${interval} bars of ${symbol ?? "no symbol"}, ${count} loaded`}
        />
        <Legend bar={legendBar} />
        {showProfile && count > 0 && <span className="profile-note">{profileNote}</span>}
        {liveProblem !== undefined && <p className="chart-problem">No live bars: {liveProblem}</p>}
        <ChartState state={state} symbol={symbol} interval={interval} count={count} onRetry={() => loader.current?.loadNewest()} />
      </div>
    </section>
  );
}

function barAt(loader: BarLoader | null, seconds: number): BarRow | undefined {
  return loader?.series.all.find((bar) => nanosToSeconds(bar.openTime) === seconds);
}

interface StateProps {
  state: LoadState;
  symbol: string | undefined;
  interval: string;
  count: number;
  onRetry(): void;
}

function ChartState({ state, symbol, interval, count, onRetry }: StateProps) {
  if (symbol === undefined) return <p className="empty over">Waiting for the first symbol…</p>;
  if (state.kind === "failed") {
    return (
      <p className={count === 0 ? "empty over" : "chart-problem"} role="alert">
        History is missing: {state.message}{" "}
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      </p>
    );
  }
  if (count > 0) return null;
  return (
    <p className="empty over">
      {state.kind === "loading"
        ? "Loading history…"
        : `No ${interval} bars of ${symbol} yet. The first one appears with the next trade.`}
    </p>
  );
}
