import { act, cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

// jsdom has no canvas; what is drawn is looked at by the browser test.
vi.mock("lightweight-charts", () => {
  const anything: () => unknown = () =>
    new Proxy(() => {}, { get: (_, name) => (name === "then" ? undefined : anything()), apply: () => anything() });
  return {
    createChart: anything,
    CandlestickSeries: {},
    HistogramSeries: {},
    ColorType: { Solid: "solid" },
    CrosshairMode: { Normal: 0 },
  };
});

import { App } from "../src/App.tsx";
import { Market } from "../src/market.ts";
import { PreferenceStore } from "../src/preferences.ts";

class FakeSocket {
  static all: FakeSocket[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly url: string;
  readonly protocol: string;
  readonly commands: Record<string, any>[] = [];

  constructor(url: string, protocol: string) {
    this.url = url;
    this.protocol = protocol;
    FakeSocket.all.push(this);
  }

  send(text: string): void {
    const command = JSON.parse(text);
    this.commands.push(command);
    if (command.op === "subscribe") this.deliver({ type: "subscribed", id: command.id, channels: command.channels });
  }

  close(): void {}

  deliver(...messages: object[]): void {
    this.onmessage?.({ data: JSON.stringify(messages) });
  }

  snapshot(channel: string, ...rows: object[]): void {
    this.deliver({ type: "snapshot", channel, epoch: "e", seq: 1, reason: "SUBSCRIBED", rows });
  }
}

class FakeEvents {
  static last: FakeEvents;
  readonly listeners = new Map<string, (event: { data: string }) => void>();
  onopen: (() => void) | null = null;

  constructor() {
    FakeEvents.last = this;
  }

  addEventListener(type: string, listener: (event: { data: string }) => void): void {
    this.listeners.set(type, listener);
  }

  close(): void {}
}

let market: Market;
let preferences: PreferenceStore;
let prices: FakeSocket;
let trades: FakeSocket;

/** Long enough for a frame to be painted and a first symbol to be chosen. */
const frame = () => act(async () => void (await vi.advanceTimersByTimeAsync(500)));
const price = (symbol: string, last: number, more = {}) =>
  prices.snapshot(`prices:${symbol}`, { symbol, price: last, open: 100, bid: last, ask: last, volume: 5, ...more });

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "requestAnimationFrame", "cancelAnimationFrame", "performance", "Date"] });
  FakeSocket.all = [];
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("EventSource", FakeEvents);
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify({ bars: [], levels: [] })));
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
  window.location.hash = "";
  market = new Market(new URL("http://desk/?form=json"));
  preferences = new PreferenceStore(undefined);
  render(<App market={market} preferences={preferences} />);
  [prices, trades] = FakeSocket.all as [FakeSocket, FakeSocket];
  act(() => {
    for (const socket of [prices, trades]) socket.deliver({ type: "hello", session: "s", heartbeatMillis: 1000 });
  });
  await frame();
});

afterEach(() => {
  cleanup();
  market.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("asks for the compact form, and for JSON when the address says so", () => {
  const others = FakeSocket.all.length;
  new Market(new URL("http://desk/?x=1")).close();
  expect(FakeSocket.all.map(({ protocol }) => protocol)).toEqual([
    ...Array.from({ length: others }, () => "tsdash.v1.json"),
    "tsdash.v1.binary",
    "tsdash.v1.binary",
  ]);
});

test("fills the watch-list and shows a change of price", async () => {
  expect(screen.getByText("Waiting for the first prices…")).toBeTruthy();
  price("AAPL", 101.25);
  price("MSFT", 99);
  await frame();
  const row = screen.getByTestId("row-AAPL");
  expect(within(row).getByText("+1.25")).toBeTruthy();
  prices.deliver({ type: "delta", channel: "prices:AAPL", prev: 1, seq: 2, rows: [{ symbol: "AAPL", price: 101.5 }] });
  await frame();
  expect(row.querySelector(".price")?.textContent).toBe("101.50");
  expect(row.querySelector(".price")?.className).toContain("flash-up");
});

test("takes a symbol away that the server no longer has", async () => {
  price("AAPL", 101);
  price("OLD", 5);
  await frame();
  prices.snapshot("prices:OLD");
  await frame();
  expect(screen.queryByTestId("row-OLD")).toBeNull();
  expect(screen.getByTestId("row-AAPL")).toBeTruthy();
});

test("says live, then stale with the time of the data when the connection goes, and keeps the prices", async () => {
  price("AAPL", 101);
  await frame();
  expect(screen.getByTestId("state").textContent).toBe("live");
  expect(screen.getByTestId("stale").textContent).toBe("current");
  act(() => prices.onclose!({ code: 1006, reason: "" }));
  expect(screen.getByTestId("state").textContent).toBe("stale");
  expect(screen.getByTestId("stale").dataset["stale"]).toBe("true");
  expect(screen.getByRole("alert").textContent).toContain("Connection lost.");
  expect(screen.getByTestId("row-AAPL").textContent).toContain("101");
});

test("adds up what feeds report and what the connection counted", async () => {
  act(() => {
    const feed = { state: "LIVE", lagMillis: 12, gaps: 2, late: 3, duplicates: 0, refused: 0, stale: false };
    prices.snapshot("status", { name: "one", ...feed }, { name: "two", ...feed, lagMillis: 40 });
    prices.deliver({ type: "heartbeat", time: "1", conflated: 1234, queuedBytes: 0 });
  });
  price("AAPL", 1);
  prices.deliver({ type: "delta", channel: "prices:AAPL", prev: 7, seq: 8, rows: [] });
  await frame();
  const text = (name: string) => screen.getByTestId(name).textContent;
  expect([text("lag"), text("gaps"), text("late"), text("conflated")]).toEqual(["40 ms", "5", "6", "1,234"]);
  trades.snapshot("trades:AAPL");
  trades.deliver({ type: "delta", channel: "trades:AAPL", prev: 7, seq: 8, rows: [] });
  await frame();
  expect(text("gaps")).toBe("6");
});

test("marks what is stale though the connection is live", async () => {
  act(() => prices.snapshot("status", { name: "venue", state: "DOWN", reason: "closed by venue", stale: true }));
  price("AAPL", 1, { stale: true });
  await frame();
  expect(screen.getByTestId("state").textContent).toBe("live");
  expect(screen.getByTestId("stale").textContent).toBe("stale: venue");
  expect(within(screen.getByTestId("row-AAPL")).getByText("stale")).toBeTruthy();
});

test("moves through the list, pins, filters and changes interval by keys", async () => {
  for (const symbol of ["AAPL", "MSFT", "NVDA"]) price(symbol, 101);
  await frame();
  const press = (key: string) => act(() => void fireEvent.keyDown(window, { key }));
  // With no history at all, seconds are shown until an interval is chosen.
  expect(prices.commands.at(-1)).toMatchObject({ channels: ["bars:1s:AAPL"] });
  press("2");
  press("j");
  expect(screen.getByTestId("row-MSFT").getAttribute("aria-selected")).toBe("true");
  expect(prices.commands.at(-1)).toMatchObject({ op: "subscribe", channels: ["bars:1m:MSFT"] });
  expect(trades.commands.at(-1)).toMatchObject({ channels: ["trades:MSFT"] });
  press("3");
  expect(screen.getByTestId("interval-5m").getAttribute("aria-pressed")).toBe("true");
  expect(window.location.hash).toBe("#/MSFT/5m");
  press("s");
  expect(preferences.current.get().pinned).toEqual(["MSFT"]);
  press("/");
  expect(document.activeElement).toBe(screen.getByRole("searchbox"));
  fireEvent.change(screen.getByRole("searchbox"), { target: { value: "zzz" } });
  expect(screen.getByText("No symbol matches “zzz”.")).toBeTruthy();
  press("Escape");
  press("?");
  expect(screen.getByRole("dialog")).toBeTruthy();
  press("Escape");
  expect(screen.queryByRole("dialog")).toBeNull();
});

test("draws only the rows in sight of a long list", async () => {
  for (let i = 0; i < 500; i++) price(`S${String(i).padStart(3, "0")}`, 100 + i);
  await frame();
  expect(screen.getByRole("grid").getAttribute("aria-rowcount")).toBe("501");
  expect(document.querySelectorAll(".grid-row").length).toBeLessThan(60);
});

test("shows trades with corrections, news and alerts", async () => {
  price("AAPL", 101);
  await frame();
  act(() => {
    trades.snapshot("trades:AAPL", { time: "1000000000", id: "1", price: 101.5, volume: 2, side: "BUY" });
    const deliver = (channel: string, row: object) =>
      FakeEvents.last.listeners.get("snapshot")!({
        data: JSON.stringify({ channel, epoch: "e", seq: 1, reason: "SUBSCRIBED", rows: [row] }),
      });
    deliver("news", { time: "1000000000", title: "Chip maker raises its outlook", symbols: ["NVDA"] });
    deliver("alerts", { time: "2000000000", severity: "CRITICAL", code: "X", text: "Feed is down." });
  });
  await frame();
  expect(screen.getByTestId("tape").textContent).toContain("00:00:01▴101.52");
  act(() => trades.deliver({ type: "delta", channel: "trades:AAPL", prev: 1, seq: 2, rows: [{ time: "1000000000", id: "1", price: 101.5, volume: 2, side: "BUY", version: "CANCELLED" }] }));
  await frame();
  expect(screen.getByTitle("Cancelled by the venue")).toBeTruthy();
  const notices = screen.getByTestId("notices").textContent!;
  expect(notices.indexOf("Feed is down.")).toBeLessThan(notices.indexOf("Chip maker"));
});
