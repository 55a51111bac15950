import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { ChartPanel } from "./chart/ChartPanel.tsx";
import { Headline } from "./Headline.tsx";
import { Help } from "./Help.tsx";
import { useKeyboard } from "./keyboard.ts";
import type { Market } from "./market.ts";
import { NoticePanel } from "./NoticePanel.tsx";
import { useObservable } from "./observable.ts";
import type { PreferenceStore, Theme } from "./preferences.ts";
import { INTERVALS, hashOf, selectionOf, type IntervalName, type Selection } from "./selection.ts";
import { StaleBanner } from "./StaleBanner.tsx";
import { StatusStrip } from "./StatusStrip.tsx";
import { TapePanel } from "./TapePanel.tsx";
import { useShownTheme } from "./theme.ts";
import { WatchList } from "./WatchList.tsx";
import { useShownSymbols } from "./watch-order.ts";

const THEMES: readonly Theme[] = ["system", "light", "dark"];
/** Rows of a new list come in many frames within this time. */
const LIST_FILLED_MILLIS = 300;
/** On a phone one panel at a time is shown. */
const TABS = [
  ["watch", "Watch-list"],
  ["chart", "Chart"],
  ["tape", "Trades"],
  ["news", "News"],
] as const;
type Tab = (typeof TABS)[number][0];

export function App({ market, preferences }: { market: Market; preferences: PreferenceStore }) {
  const chosen = useObservable(preferences.current);
  const [selection, setSelection] = useState<Selection>(() => selectionOf(window.location.hash));
  const [filter, setFilter] = useState("");
  const [tab, setTab] = useState<Tab>("chart");
  const [helpOpen, setHelpOpen] = useState(false);
  const filterBox = useRef<HTMLInputElement>(null);
  const theme = useShownTheme(chosen.theme);
  const shown = useShownSymbols(market.prices, filter, chosen.sort, chosen.pinned);
  const { symbol } = selection;
  // Minutes, unless the server has only just begun: then there is more to see in seconds.
  const [unchosen, setUnchosen] = useState<IntervalName>("1m");
  const onYoung = useCallback(() => setUnchosen("1s"), []);
  const interval = selection.interval ?? unchosen;

  useEffect(() => {
    const onHash = () => setSelection(selectionOf(window.location.hash));
    window.addEventListener("hashchange", onHash);
    return () => window.removeEventListener("hashchange", onHash);
  }, []);

  const select = useCallback((change: Partial<Selection>) => {
    setSelection((before) => {
      const next = { ...before, ...change };
      // Replaced, not pushed: the back button should leave the page, not walk through the list.
      window.history.replaceState(null, "", hashOf(next));
      return next;
    });
  }, []);

  // The first one when the list has filled, and then it stays: a list that is sorted by moving values must not change the chart.
  const first = shown[0];
  useEffect(() => {
    if (selection.symbol !== undefined || first === undefined) return undefined;
    const timer = setTimeout(() => select({ symbol: first }), LIST_FILLED_MILLIS);
    return () => clearTimeout(timer);
  }, [selection.symbol, first, select]);

  const openSymbol = useCallback(
    (chosenSymbol: string) => {
      select({ symbol: chosenSymbol });
      setTab("chart");
    },
    [select],
  );

  const keys = useMemo(() => {
    const move = (to: (index: number) => number) => {
      if (shown.length === 0) return;
      const index = to(symbol === undefined ? -1 : shown.indexOf(symbol));
      select({ symbol: shown[Math.min(shown.length - 1, Math.max(0, index))] });
    };
    const down = () => move((index) => index + 1);
    const up = () => move((index) => index - 1);
    const nextTheme = () => THEMES[(THEMES.indexOf(preferences.current.get().theme) + 1) % THEMES.length]!;
    return {
      j: down,
      ArrowDown: down,
      k: up,
      ArrowUp: up,
      Home: () => move(() => 0),
      End: () => move(() => shown.length - 1),
      "/": () => filterBox.current?.focus(),
      s: () => symbol !== undefined && preferences.togglePinned(symbol),
      t: () => preferences.change({ theme: nextTheme() }),
      p: () => preferences.change({ profile: !preferences.current.get().profile }),
      "?": () => setHelpOpen((open) => !open),
      Escape: () => {
        setHelpOpen(false);
        setFilter("");
      },
      ...Object.fromEntries(INTERVALS.map((name, i) => [String(i + 1), () => select({ interval: name })])),
    };
  }, [shown, symbol, preferences, select]);
  useKeyboard(keys);

  return (
    <div className="app" data-tab={tab}>
      <header className="top">
        <h1 className="brand">tsdash</h1>
        <Headline market={market} symbol={symbol} />
        <div className="tools">
          <button
            type="button"
            onClick={keys.t}
            title="Colours: as the system, light or dark (key t)"
            data-testid="theme"
          >
            {chosen.theme === "system" ? "Auto" : chosen.theme === "light" ? "Light" : "Dark"}
          </button>
          <button type="button" onClick={keys["?"]} title="Keys and meanings (key ?)" aria-label="Help">
            ?
          </button>
        </div>
      </header>
      <StaleBanner market={market} />
      <nav className="tabs" role="tablist" aria-label="Panels">
        {TABS.map(([name, label]) => (
          <button key={name} type="button" role="tab" aria-selected={tab === name} onClick={() => setTab(name)}>
            {label}
          </button>
        ))}
      </nav>
      <main className="panels">
        <WatchList
          market={market}
          preferences={preferences}
          shown={shown}
          selected={symbol}
          onSelect={openSymbol}
          filter={filter}
          onFilter={setFilter}
          filterBox={filterBox}
        />
        <ChartPanel
          market={market}
          symbol={symbol}
          interval={interval}
          onYoung={onYoung}
          onInterval={(chosenInterval) => select({ interval: chosenInterval })}
          theme={theme}
          showProfile={chosen.profile}
          onProfile={keys.p}
        />
        <div className="side">
          <TapePanel market={market} symbol={symbol} />
          <NoticePanel market={market} />
        </div>
      </main>
      <StatusStrip market={market} />
      {helpOpen && <Help onClose={() => setHelpOpen(false)} />}
    </div>
  );
}
