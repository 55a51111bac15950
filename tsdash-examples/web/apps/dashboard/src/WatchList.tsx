import { memo, useCallback, useEffect, useRef, useState, useSyncExternalStore, type RefObject } from "react";
import type { Market } from "./market.ts";
import { directionOf, formatCount, formatPercent, formatPrice, formatVolume } from "./numbers.ts";
import { useObservable } from "./observable.ts";
import type { PreferenceStore, SortColumn } from "./preferences.ts";
import type { PriceBook } from "./price-book.ts";

/** Heights in pixels; styles.css has the same. */
const ROW_HEIGHT = 26;
/** Names longer than this take two small lines: cut names of one venue's instruments look alike. */
const LONG_NAME = 9;

/** The name with places where a line may end: after each part of it. */
const breakable = (name: string) => name.split(/(?<=[._:/-])/).flatMap((part, i) => (i === 0 ? [part] : [<wbr key={i} />, part]));
const TOUCH_ROW_HEIGHT = 44;
const HEAD_HEIGHT = 26;
/** Rows drawn above and below the visible ones, so that quick scrolling shows no blanks. */
const OVERSCAN = 6;

const COLUMNS: readonly { column: SortColumn; label: string; title: string }[] = [
  { column: "symbol", label: "Symbol", title: "Sort by symbol" },
  { column: "price", label: "Last", title: "Last price" },
  { column: "change", label: "Chg %", title: "Change since the first price of the UTC day, in per cent" },
  { column: "bid", label: "Bid", title: "Best bid" },
  { column: "ask", label: "Ask", title: "Best ask" },
  { column: "volume", label: "Volume", title: "Volume of the day as the server saw it" },
];

interface Props {
  market: Market;
  preferences: PreferenceStore;
  shown: readonly string[];
  selected: string | undefined;
  onSelect(symbol: string): void;
  filter: string;
  onFilter(text: string): void;
  filterBox: RefObject<HTMLInputElement | null>;
}

/** Prices of all symbols. Only the visible rows are drawn, and a row is drawn again only when its own symbol changed. */
export function WatchList({ market, preferences, shown, selected, onSelect, filter, onFilter, filterBox }: Props) {
  const { sort, pinned } = useObservable(preferences.current);
  const total = useObservable(market.prices.symbols).length;
  const serverStale = useObservable(market.serverStale);
  const box = useRef<HTMLDivElement>(null);
  const { first, count, rowHeight, onScroll } = useVisibleRows(box);
  useRowInView(box, selected === undefined ? -1 : shown.indexOf(selected), rowHeight);

  const sortBy = (column: SortColumn) =>
    preferences.change({
      sort: { column, descending: sort.column === column ? !sort.descending : column !== "symbol" },
    });
  const togglePinned = useCallback((symbol: string) => preferences.togglePinned(symbol), [preferences]);

  return (
    <section className="panel watch" aria-label="Watch-list">
      <div className="panel-head">
        <h2>Watch-list</h2>
        <input
          ref={filterBox}
          type="search"
          placeholder="Filter ( / )"
          aria-label="Filter by symbol"
          value={filter}
          onChange={(event) => onFilter(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || shown[0] === undefined) return;
            onSelect(shown[0]);
            event.currentTarget.blur();
          }}
        />
        <span className="quiet" aria-live="polite">
          {filter === "" ? formatCount(total) : `${formatCount(shown.length)} of ${formatCount(total)}`}
        </span>
      </div>
      <div
        className="grid"
        role="grid"
        aria-label="Prices"
        aria-rowcount={shown.length + 1}
        aria-colcount={COLUMNS.length + 1}
        tabIndex={0}
        ref={box}
        onScroll={onScroll}
        aria-activedescendant={selected === undefined ? undefined : rowId(selected)}
        data-testid="watchlist"
      >
        <div className="grid-head" role="row" aria-rowindex={1}>
          <span role="columnheader" className="star-head" aria-label="Pinned" />
          {COLUMNS.map(({ column, label, title }) => (
            <span
              key={column}
              role="columnheader"
              className={column}
              aria-sort={sort.column !== column ? "none" : sort.descending ? "descending" : "ascending"}
            >
              <button type="button" title={title} onClick={() => sortBy(column)}>
                {label}
                {sort.column === column && <i aria-hidden="true">{sort.descending ? "▾" : "▴"}</i>}
              </button>
            </span>
          ))}
        </div>
        <div role="rowgroup" className="grid-space" style={{ height: shown.length * rowHeight }}>
          {shown.slice(first, first + count).map((symbol, i) => (
            <WatchRow
              key={symbol}
              prices={market.prices}
              symbol={symbol}
              index={first + i}
              top={(first + i) * rowHeight}
              selected={symbol === selected}
              pinned={pinned.includes(symbol)}
              serverStale={serverStale}
              onSelect={onSelect}
              onPin={togglePinned}
            />
          ))}
        </div>
      </div>
      {shown.length === 0 && (
        <p className="empty watch-empty">
          {total === 0 ? "Waiting for the first prices…" : `No symbol matches “${filter.trim()}”.`}
        </p>
      )}
    </section>
  );
}

interface RowProps {
  prices: PriceBook;
  symbol: string;
  index: number;
  top: number;
  selected: boolean;
  pinned: boolean;
  serverStale: boolean;
  onSelect(symbol: string): void;
  onPin(symbol: string): void;
}

const WatchRow = memo(function WatchRow({ prices, symbol, index, top, selected, pinned, serverStale, onSelect, onPin }: RowProps) {
  const view = useSyncExternalStore(
    useCallback((listener) => prices.watch(symbol, listener), [prices, symbol]),
    () => prices.view(symbol),
  );
  if (view === undefined) return null;
  const { row, decimals, changePercent, flashMove, flashes } = view;
  const stale = serverStale || row.stale === true;
  // Two names for each flash: a class that changes starts its animation again.
  const flash = flashMove === undefined ? "" : `flash-${flashMove}-${flashes % 2}`;
  return (
    <div
      id={rowId(symbol)}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      className={`grid-row${selected ? " selected" : ""}${stale ? " stale" : ""}`}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onSelect(symbol)}
      data-testid={`row-${symbol}`}
    >
      <span role="gridcell" className="star">
        <button
          type="button"
          tabIndex={-1}
          aria-pressed={pinned}
          aria-label={pinned ? `Unpin ${symbol}` : `Pin ${symbol}`}
          title={pinned ? "Unpin" : "Pin to the top (key s)"}
          onClick={(event) => {
            event.stopPropagation();
            onPin(symbol);
          }}
        >
          {pinned ? "★" : "☆"}
        </button>
      </span>
      <span role="gridcell" className={symbol.length > LONG_NAME ? "symbol long" : "symbol"} title={stale ? `${symbol}: its feed is not live` : symbol}>
        {symbol.length > LONG_NAME ? breakable(symbol) : symbol}
        {stale && <em className="mark">stale</em>}
      </span>
      <span role="gridcell" className={`price ${flash}`}>
        {formatPrice(row.price, decimals)}
      </span>
      <span role="gridcell" className={`change ${directionOf(changePercent)}`}>
        {formatPercent(changePercent)}
      </span>
      <span role="gridcell" className="bid">
        {formatPrice(row.bid, decimals)}
      </span>
      <span role="gridcell" className="ask">
        {formatPrice(row.ask, decimals)}
      </span>
      <span role="gridcell" className="volume">
        {formatVolume(row.volume)}
      </span>
    </div>
  );
});

function rowId(symbol: string): string {
  return `row-${symbol.replace(/\s/g, "_")}`;
}

/** Which rows are in sight of a scrolling box. */
function useVisibleRows(box: RefObject<HTMLDivElement | null>) {
  const [view, setView] = useState({ top: 0, height: 600, rowHeight: ROW_HEIGHT });
  const measure = useCallback(() => {
    const element = box.current;
    if (element === null) return;
    const rowHeight = window.matchMedia("(max-width: 760px)").matches ? TOUCH_ROW_HEIGHT : ROW_HEIGHT;
    const next = { top: element.scrollTop, height: element.clientHeight || 600, rowHeight };
    setView((before) =>
      Math.floor(before.top / rowHeight) === Math.floor(next.top / rowHeight) &&
      before.height === next.height &&
      before.rowHeight === rowHeight
        ? before
        : next,
    );
  }, [box]);
  useEffect(() => {
    measure();
    if (box.current === null || typeof ResizeObserver === "undefined") return undefined;
    const observer = new ResizeObserver(measure);
    observer.observe(box.current);
    return () => observer.disconnect();
  }, [box, measure]);
  const first = Math.max(0, Math.floor(view.top / view.rowHeight) - OVERSCAN);
  return {
    first,
    count: Math.ceil(view.height / view.rowHeight) + 2 * OVERSCAN,
    rowHeight: view.rowHeight,
    onScroll: measure,
  };
}

/** Scrolls as little as needed when another row is selected. */
function useRowInView(box: RefObject<HTMLDivElement | null>, index: number, rowHeight: number): void {
  useEffect(() => {
    const element = box.current;
    if (element === null || index < 0) return;
    const top = index * rowHeight;
    const room = element.clientHeight - HEAD_HEIGHT;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeight > element.scrollTop + room) element.scrollTop = top + rowHeight - room;
  }, [box, index, rowHeight]);
}
