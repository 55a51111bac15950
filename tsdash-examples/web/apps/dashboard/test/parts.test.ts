import { Rest, type BarRow, type PriceRow, type TradeRow } from "@tsdash/client";
import { describe, expect, test } from "vitest";
import { BarSeries } from "../src/bar-series.ts";
import { stepFor } from "../src/chart/use-profile.ts";
import { decimalsOf, directionOf, formatPercent, formatPrice, formatSize, formatVolume, niceStep } from "../src/numbers.ts";
import { keepWatchlist } from "../src/kept-watchlist.ts";
import { PreferenceStore } from "../src/preferences.ts";
import { PriceBook } from "../src/price-book.ts";
import { hashOf, selectionOf } from "../src/selection.ts";
import { addToTape } from "../src/trade-tape.ts";
import { orderSymbols } from "../src/watch-order.ts";
import { bar, ManualFrames } from "./market-data.ts";

describe("numbers", () => {
  test("finds the decimals of a price, small ones too", () => {
    expect([150.25, 150, 0.00001234, 1e-7, 1e21, 0, -1.5].map(decimalsOf)).toEqual([2, 0, 8, 7, 0, 0, 1]);
  });

  test("shows neither what floating point left over nor more digits than fit", () => {
    expect([0.1 + 0.2, 500.29 - 0.01, 67123.12345678, 1.087654321].map(decimalsOf)).toEqual([1, 2, 3, 7]);
  });

  test("writes prices, percentages and volumes as a trader reads them", () => {
    expect(formatPrice(53862.8, 2)).toBe("53,862.80");
    expect(formatPrice(null, 2)).toBe("–");
    expect([1.234, -0.5, -0.001, undefined].map(formatPercent)).toEqual(["+1.23", "−0.50", "0.00", "–"]);
    expect([1.234, -0.5, -0.001, undefined].map(directionOf)).toEqual(["up", "down", "", ""]);
    expect([1_312_000, 970.8241, 0.0012].map(formatVolume)).toEqual(["1.31M", "970.8", "0.0012"]);
    expect(formatSize(1312.001)).toBe("1,312.001");
  });

  test("rounds a step up to 1, 2 or 5", () => {
    expect([0.011, 0.02, 3, 7, 100].map(niceStep)).toEqual([0.02, 0.02, 5, 10, 100]);
  });
});

describe("BarSeries", () => {
  const opens = (series: BarSeries) => series.all.map(({ openTime }) => openTime);
  const filled = (): BarSeries => {
    const series = new BarSeries();
    series.putHistory([bar(60), bar(120), bar(180)]);
    return series;
  };

  test("puts an older page before what is there", () => {
    const series = filled();
    expect(series.putHistory([bar(0), bar(60)])).toBe(1);
    expect(opens(series)).toEqual([bar(0), bar(60), bar(120), bar(180)].map(({ openTime }) => openTime));
  });

  test("updates the live bar in place and appends the next one", () => {
    const series = filled();
    expect(series.putLive(bar(180, { close: 9 }))).toMatchObject({ kind: "bar", last: true });
    expect(series.putLive(bar(240))).toMatchObject({ kind: "bar", last: true });
    expect(series.length).toBe(4);
    expect(series.all[2]?.close).toBe(9);
  });

  test("replaces a revised bar in place, and keeps it against an older revision", () => {
    const series = filled();
    expect(series.putLive(bar(60, { revision: 1, high: 8, state: "REVISED" }))).toMatchObject({ kind: "bar", last: false });
    expect(series.putLive(bar(60, { revision: 0, high: 2 }))).toEqual({ kind: "none" });
    series.putHistory([bar(60), bar(120)]);
    expect(series.first).toMatchObject({ revision: 1, high: 8 });
  });

  test("keeps a live bar that a page of history does not have yet", () => {
    const series = filled();
    series.putLive(bar(150));
    series.putHistory([bar(60), bar(120), bar(180)]);
    expect(series.length).toBe(4);
  });

  test("takes a higher revision from history over a live row", () => {
    const series = filled();
    series.putLive(bar(120, { high: 7 }));
    series.putHistory([bar(60), bar(120, { high: 5 })]);
    expect(series.all[1]?.high).toBe(7);
    series.putHistory([bar(60), bar(120, { revision: 1, high: 6 })]);
    expect(series.all[1]?.high).toBe(6);
  });

  test("removes a bar that is taken back, live or while nobody listened", () => {
    const series = filled();
    expect(series.putLive(bar(120, { trades: 0 }))).toEqual({ kind: "all" });
    expect(series.length).toBe(2);
    const other = filled();
    other.putHistory([bar(60), bar(180)]);
    expect(opens(other)).toEqual([bar(60).openTime, bar(180).openTime]);
  });

  test("draws everything anew when a late bar comes between others", () => {
    const series = new BarSeries();
    series.putHistory([bar(60), bar(180)]);
    expect(series.putLive(bar(120))).toEqual({ kind: "all" });
    expect(opens(series)).toEqual([bar(60), bar(120), bar(180)].map(({ openTime }) => openTime));
  });
});

describe("PriceBook", () => {
  const row = (price: number, more: Partial<PriceRow> = {}): PriceRow => ({ symbol: "AAPL", price, open: 100, ...more });

  test("publishes once a frame and tells only those whose symbol changed", () => {
    const frames = new ManualFrames();
    const book = new PriceBook(frames);
    let told = 0;
    let others = 0;
    book.watch("AAPL", () => told++);
    book.watch("MSFT", () => others++);
    book.put(row(101));
    book.put(row(102));
    expect(told).toBe(0);
    frames.paint();
    expect([told, others, book.paints]).toEqual([1, 0, 1]);
    expect(book.view("AAPL")).toMatchObject({ changePercent: 2 });
  });

  test("flashes in the direction of the move, but not more often than one can see", () => {
    const frames = new ManualFrames();
    let now = 0;
    const book = new PriceBook(frames, () => now);
    const show = (price: number, millis: number) => {
      now += millis;
      book.put(row(price));
      frames.paint();
      return book.view("AAPL");
    };
    expect(show(100, 0)?.flashes).toBe(0);
    expect(show(101, 10)).toMatchObject({ flashes: 1, flashMove: "up" });
    expect(show(100, 100)).toMatchObject({ flashes: 1, flashMove: "up", move: "down" });
    expect(show(100, 1000)).toMatchObject({ flashes: 1 });
    expect(show(99, 1000)).toMatchObject({ flashes: 2, flashMove: "down" });
  });

  test("keeps the most decimals seen, and forgets a removed symbol", () => {
    const frames = new ManualFrames();
    const book = new PriceBook(frames);
    book.put(row(100.25));
    frames.paint();
    book.put(row(101));
    frames.paint();
    expect(book.view("AAPL")?.decimals).toBe(2);
    book.remove("AAPL");
    frames.paint();
    expect(book.symbols.get()).toEqual([]);
  });
});

describe("watch-list order", () => {
  const changes: Record<string, number> = { A: 1, B: 3, C: 2 };
  const view = (symbol: string) => ({ row: { symbol }, changePercent: changes[symbol] }) as never;
  const symbols = ["A", "B", "C", "D"];

  test("sorts by a value with the unknown at the end, and pinned symbols first", () => {
    const sort = { column: "change", descending: true } as const;
    expect(orderSymbols(symbols, view, "", sort, [])).toEqual(["B", "C", "A", "D"]);
    expect(orderSymbols(symbols, view, "", sort, ["A"])).toEqual(["A", "B", "C", "D"]);
  });

  test("filters without regard to case", () => {
    const sort = { column: "symbol", descending: false } as const;
    expect(orderSymbols(["BTC-USD", "AAPL"], view, " btc", sort, [])).toEqual(["BTC-USD"]);
  });
});

describe("tape", () => {
  const trade = (id: string, more: Partial<TradeRow> = {}): TradeRow => ({ time: "1", id, price: 1, volume: 1, ...more });

  test("shows the newest first and no more than its length", () => {
    const tape = addToTape([], Array.from({ length: 300 }, (_, i) => trade(String(i))));
    expect([tape.length, tape[0]?.id]).toEqual([200, "299"]);
  });

  test("corrects and cancels in place", () => {
    const tape = addToTape([trade("2"), trade("1")], [trade("1", { version: "CANCELLED" })]);
    expect(tape.map(({ id, version }) => [id, version])).toEqual([["2", undefined], ["1", "CANCELLED"]]);
  });
});

describe("choices", () => {
  test("survive a reload by the address and by storage, whatever is in them", () => {
    const selection = { symbol: "EUR/USD", interval: "5m" } as const;
    expect(selectionOf(hashOf(selection))).toEqual(selection);
    expect(selectionOf("#/%E0%A4%A/7q")).toEqual({ symbol: undefined, interval: undefined });
    expect(hashOf({ symbol: "AAPL", interval: undefined })).toBe("#/AAPL");
    const kept = new Map([["tsdash.preferences", "{broken"]]);
    const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, text: string) => void kept.set(key, text) };
    const store = new PreferenceStore(storage);
    store.togglePinned("AAPL");
    expect(new PreferenceStore(storage).current.get().pinned).toEqual(["AAPL"]);
  });
});

describe("volume profile", () => {
  test("cuts the prices of the last five minutes into round steps, and looks no further back", () => {
    const bars: BarRow[] = [bar(0, { high: 9000, low: 1 }), bar(540, { high: 112, low: 100 })];
    expect(stepFor(bars, "600000000000", 2)).toBe(0.5);
    expect(stepFor(bars, "600000000000", 0)).toBe(1);
    expect(stepFor([], "600000000000", 2)).toBeUndefined();
  });
});

describe("the watch-list kept with the server", () => {
  const server = (kept: { symbols: string[] } | undefined) => {
    const state = { kept, puts: 0 };
    const answer = async (_: unknown, init?: RequestInit): Promise<Response> => {
      if (init?.method !== "PUT") return state.kept === undefined ? new Response(null, { status: 204 }) : Response.json(state.kept);
      state.kept = JSON.parse(String(init.body)) as { symbols: string[] };
      state.puts++;
      return new Response(null, { status: 204 });
    };
    return { state, rest: new Rest("http://server", { fetch: answer as typeof fetch }) };
  };

  test("is there in the next browser, and changes reach the server", async () => {
    const { state, rest } = server({ symbols: ["AAPL"] });
    const preferences = new PreferenceStore(undefined);
    await keepWatchlist(rest, preferences, 0);
    expect(preferences.current.get().pinned).toEqual(["AAPL"]);
    expect(state.puts).toBe(0);
    preferences.togglePinned("MSFT");
    preferences.togglePinned("IBM");
    await expect.poll(() => state.kept).toEqual({ symbols: ["AAPL", "MSFT", "IBM"] });
    expect(state.puts).toBe(1);
    preferences.change({ profile: false });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(state.puts).toBe(1);
  });

  test("leaves what this browser has when the server has none", async () => {
    const { rest } = server(undefined);
    const preferences = new PreferenceStore(undefined);
    preferences.togglePinned("AAPL");
    await keepWatchlist(rest, preferences, 0);
    expect(preferences.current.get().pinned).toEqual(["AAPL"]);
  });
});
