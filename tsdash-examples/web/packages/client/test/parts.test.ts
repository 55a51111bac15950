import { describe, expect, test, vi } from "vitest";
import {
  compareNanos,
  covers,
  EventFeed,
  FrameBuffer,
  millisToNanos,
  nanosToMillis,
  RequestFailed,
  Rest,
  type ChannelChange,
  type Events,
} from "../src/index.ts";

describe("FrameBuffer", () => {
  test("paints once a frame, the newest of each key, and counts what it replaced", () => {
    const frames: (() => void)[] = [];
    const paint = vi.fn();
    const buffer = new FrameBuffer<string, number>(paint, {
      request(task) {
        frames.push(task);
        return () => {};
      },
    });
    buffer.put("a", 1);
    buffer.put("b", 2);
    buffer.put("a", 3);
    expect(frames).toHaveLength(1);
    expect(paint).not.toHaveBeenCalled();
    frames[0]!();
    expect(paint.mock.calls).toEqual([[new Map([["a", 3], ["b", 2]])]]);
    expect(buffer.replaced).toBe(1);
    buffer.put("a", 4);
    expect(frames).toHaveLength(2);
  });
});

describe("times", () => {
  test("keeps the milliseconds of a time that a double can't hold", () => {
    expect(nanosToMillis("1723161255342999999")).toBe(1723161255342);
    expect(millisToNanos(1723161255342)).toBe("1723161255342000000");
    expect(compareNanos("1723161255342000001", "1723161255342000000")).toBe(1);
    expect(compareNanos("9", "10")).toBeLessThan(0);
  });
});

describe("covers", () => {
  test("takes a final star as a prefix and nothing else", () => {
    expect(covers("bars:1m:BTC*", "bars:1m:BTC-USD")).toBe(true);
    expect(covers("prices:AAPL", "prices:AAPL2")).toBe(false);
  });
});

describe("Rest", () => {
  test("asks with the parameters that are there and no others", async () => {
    const fetcher = vi.fn(async (_input: unknown) => new Response(JSON.stringify({ bars: [] })));
    await new Rest("http://h", { fetch: fetcher as unknown as typeof fetch }).bars("BRK.A+", "1m", { limit: 5, to: undefined });
    expect(fetcher.mock.calls[0]![0]).toBe("http://h/historical/bars?symbol=BRK.A%2B&interval=1m&limit=5");
  });

  test("fails with the words of the problem that the server sends", async () => {
    const body = JSON.stringify({ title: "Unknown symbol", detail: "symbol was 'X' but …", code: 4404 });
    const rest = new Rest("", { fetch: (async () => new Response(body, { status: 404 })) as unknown as typeof fetch });
    await expect(rest.latest("X")).rejects.toMatchObject({ message: "symbol was 'X' but …", status: 404, code: 4404 });
  });

  test("says in words that the server can't be reached", async () => {
    const rest = new Rest("", { fetch: (async () => Promise.reject(new TypeError("fetch failed"))) as unknown as typeof fetch });
    await expect(rest.symbols()).rejects.toBeInstanceOf(RequestFailed);
  });
});

class ScriptedEvents implements Events {
  readyState = 1;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;
  readonly listeners = new Map<string, (event: { data: string }) => void>();

  addEventListener(type: string, listener: (event: { data: string }) => void): void {
    this.listeners.set(type, listener);
  }

  deliver(type: string, message: object): void {
    this.listeners.get(type)!({ data: JSON.stringify(message) });
  }

  close(): void {
    this.closed = true;
  }
}

describe("EventFeed", () => {
  test("opens the stream anew when a delta does not follow, when the browser gives up, and when it is silent", () => {
    vi.useFakeTimers();
    const opened: ScriptedEvents[] = [];
    const changes: ChannelChange[] = [];
    const feed = new EventFeed("/news", (change) => changes.push(change), undefined, () => {
      opened.push(new ScriptedEvents());
      return opened.at(-1)!;
    });
    opened[0]!.deliver("snapshot", { channel: "news", epoch: "e", seq: 1, reason: "SUBSCRIBED", rows: [{ title: "a" }] });
    opened[0]!.deliver("delta", { channel: "news", prev: 1, seq: 2, rows: [{ title: "b" }] });
    opened[0]!.deliver("delta", { channel: "news", prev: 5, seq: 6, rows: [{ title: "f" }] });
    expect(changes.map(({ kind }) => kind)).toEqual(["snapshot", "delta"]);
    expect(opened).toHaveLength(2);
    expect(opened[0]!.closed).toBe(true);
    opened[1]!.readyState = 2;
    opened[1]!.onerror!();
    vi.advanceTimersByTime(5000);
    expect(opened).toHaveLength(3);
    vi.advanceTimersByTime(40_000);
    opened[2]!.deliver("heartbeat", {});
    vi.advanceTimersByTime(40_000);
    expect(opened).toHaveLength(3);
    vi.advanceTimersByTime(20_000);
    expect(opened).toHaveLength(4);
    feed.close();
    vi.advanceTimersByTime(120_000);
    expect(opened).toHaveLength(4);
    vi.useRealTimers();
  });
});
