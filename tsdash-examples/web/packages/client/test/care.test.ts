import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { checksumOf, everyMillis, Feed, FrameBuffer, type FeedOptions, type Refusal } from "../src/index.ts";
import { ScriptedWorld } from "./scripted-server.ts";

const AAPL = "prices:AAPL";

describe("checksums", () => {
  const ROWS = [
    { openTime: "90", close: 1.5, state: "OPEN", stale: true },
    { openTime: "100", close: -0, state: "ž🙂", stale: true, vwap: null },
  ];

  test("are those of another implementation, whatever the order of rows and fields", () => {
    // By zlib.crc32 of Python over the text that docs/codecs.md describes.
    expect(checksumOf(ROWS, "openTime")).toBe(677050055);
    const turned = ROWS.map((row) => Object.fromEntries(Object.entries(row).reverse())).reverse();
    expect(checksumOf(turned, "openTime")).toBe(677050055);
    expect(checksumOf([{ ...ROWS[0], close: 1.25 }, ROWS[1]!], "openTime")).not.toBe(677050055);
    expect(checksumOf([{ name: "a", list: ["x", "y"] }], "name")).toBe(3413387534);
  });
});

test("a subscription names the span that it is part of", () => {
  const world = new ScriptedWorld();
  const spans = ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", undefined];
  const feed = new Feed("ws://s", {}, { environment: world, traceparent: () => spans.shift() });
  feed.subscribe("prices:*", () => {});
  feed.subscribe("bars:1m:*", () => {});
  world.socket.hello();
  expect(world.socket.subscribes().map((command) => command["traceparent"])).toEqual([
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    undefined,
  ]);
  feed.close();
});

describe("a feed that compares checksums", () => {
  let world: ScriptedWorld;
  let feed: Feed;
  const faults: string[] = [];

  beforeEach(() => {
    world = new ScriptedWorld();
    faults.length = 0;
    const listener = { onFault: (reason: string) => faults.push(reason), onRefused: (refusal: Refusal) => faults.push(refusal.message) };
    feed = new Feed("ws://s", listener, { environment: world, checksumMillis: 2000 });
    feed.subscribe("prices:*", () => {});
    world.socket.hello();
    world.socket.acknowledge();
    world.socket.snapshot(AAPL, 5, [{ symbol: "AAPL", price: 1 }]);
  });

  const beat = () => {
    world.advance(1000);
    world.socket.deliver({ type: "heartbeat", time: "1" });
  };
  const asked = () => world.socket.commands.filter(({ op }) => op === "checksum");

  test("asks as often as it was told and takes what is equal for right", () => {
    beat();
    expect(asked()).toMatchObject([{ channels: [AAPL] }]);
    const crc = checksumOf([{ symbol: "AAPL", price: 1 }], "symbol");
    world.socket.deliver({ type: "checksum", id: asked()[0]!["id"], channel: AAPL, epoch: "e1", seq: 5, crc });
    for (let i = 0; i < 4; i++) beat();
    expect(asked()).toHaveLength(3);
    expect(feed.health).toMatchObject({ checksums: 1, checksumFailures: 0 });
  });

  test("begins a channel anew that differs, without resume, and says so", () => {
    beat();
    world.socket.deliver({ type: "checksum", id: asked()[0]!["id"], channel: AAPL, epoch: "e1", seq: 5, crc: 1 });
    expect(feed.health.checksumFailures).toBe(1);
    expect(faults).toEqual([expect.stringContaining("checksum of prices:AAPL at sequence 5 was 1")]);
    expect(world.socket.subscribes().at(-1)).toEqual({ id: expect.any(Number), op: "subscribe", channels: [AAPL], intervalMillis: 100 });
    expect(feed.isStale(AAPL)).toBe(true);
    world.socket.snapshot(AAPL, 6, [{ symbol: "AAPL", price: 2 }]);
    expect(feed.isStale(AAPL)).toBe(false);
  });

  test("thinks nothing of a checksum of another position", () => {
    world.socket.deliver({ type: "checksum", id: 1, channel: AAPL, epoch: "e1", seq: 4, crc: 1 });
    world.socket.deliver({ type: "checksum", id: 1, channel: AAPL, epoch: "e0", seq: 5, crc: 1 });
    expect(feed.health).toMatchObject({ checksums: 0, checksumFailures: 0 });
  });

  test("does not ask again a server that can't say them", () => {
    beat();
    world.socket.deliver({ type: "error", id: asked()[0]!["id"], code: 4400, message: "no such op", retry: false });
    for (let i = 0; i < 4; i++) beat();
    expect(asked()).toHaveLength(1);
    expect(faults).toEqual([]);
  });
});

describe("a feed with a token", () => {
  let world: ScriptedWorld;
  let feed: Feed;
  let tokens: (() => Promise<string>)[];
  let refused: Refusal[];

  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const authentications = () => world.socket.commands.filter(({ op }) => op === "authenticate");
  /** Nanoseconds of the world's wall clock, so many seconds from its beginning. */
  const second = (seconds: number) => `${1_700_000_000 + seconds}000000000`;

  function start(options: FeedOptions = {}): void {
    world = new ScriptedWorld();
    refused = [];
    feed = new Feed(
      "ws://s",
      { onRefused: (refusal) => refused.push(refusal) },
      { environment: world, backoffFirstMillis: 100, token: () => (tokens.length > 1 ? tokens.shift()! : tokens[0]!)(), ...options },
    );
    feed.subscribe("prices:*", () => {});
    world.socket.hello();
  }

  beforeEach(() => {
    tokens = [async () => "t1", async () => "t2"];
  });

  test("authenticates before all else", async () => {
    start();
    expect(world.socket.commands).toEqual([]);
    feed.subscribe("status", () => {});
    await settled();
    expect(world.socket.commands).toEqual([{ id: 1, op: "authenticate", token: "t1" }]);
    world.socket.deliver({ type: "authenticated", id: 1, user: "ann", expires: second(3600) });
    expect(world.socket.subscribes().map(({ channels }) => channels[0])).toEqual(["prices:*", "status"]);
    world.socket.acknowledge();
    expect(feed.health.state).toBe("live");
  });

  test("gives a new token on the same connection before the old one ends", async () => {
    start();
    await settled();
    world.socket.deliver({ type: "authenticated", id: 1, user: "ann", expires: second(100) });
    const subscribes = world.socket.subscribes().length;
    for (let i = 0; i < 79; i++) {
      world.advance(1000);
      world.socket.deliver({ type: "heartbeat", time: "1" });
    }
    await settled();
    expect(authentications()).toHaveLength(1);
    world.advance(1000);
    await settled();
    expect(authentications()).toMatchObject([{ token: "t1" }, { token: "t2" }]);
    world.socket.deliver({ type: "authenticated", id: authentications()[1]!["id"], user: "ann", expires: second(9999) });
    expect(world.socket.subscribes()).toHaveLength(subscribes);
    expect(world.sockets).toHaveLength(1);
  });

  test("tries again with a new token when one is refused, can't be had, or has ended", async () => {
    tokens = [async () => "bad", async () => Promise.reject(new Error("no network")), async () => "t3", async () => "t4"];
    start();
    await settled();
    world.socket.deliver({ type: "error", id: 1, code: 4401, message: "token has ended", retry: false });
    expect(feed.health).toMatchObject({ state: "stale", reason: "token has ended" });
    world.advance(100);
    world.socket.hello();
    await settled();
    expect(feed.health.reason).toContain("no network");
    world.advance(200);
    world.socket.hello();
    await settled();
    world.socket.deliver({ type: "authenticated", id: authentications()[0]!["id"] });
    world.socket.acknowledge();
    expect(feed.health.state).toBe("live");
    world.socket.cut(4401, "token has ended");
    world.advance(100);
    world.socket.hello();
    await settled();
    expect(authentications()).toMatchObject([{ token: "t4" }]);
    expect(refused).toEqual([]);
  });

  test("gives up when the server says that another try is of no use", async () => {
    start();
    await settled();
    world.socket.deliver({ type: "error", id: 1, code: 4403, message: "not for you", retry: false });
    expect(feed.health).toMatchObject({ state: "failed", reason: "not for you" });
  });

  test("throws away a token that comes when its connection is gone", async () => {
    let give: (token: string) => void = () => {};
    tokens = [() => new Promise((resolve) => (give = resolve)), async () => "new"];
    start();
    await settled();
    world.socket.cut();
    world.advance(100);
    world.socket.hello();
    give("old");
    await settled();
    expect(authentications()).toMatchObject([{ token: "new" }]);
  });

  test("is not there without the option: commands go at once", () => {
    start({ token: undefined } as unknown as FeedOptions);
    expect(world.socket.subscribes()).toHaveLength(1);
  });
});

describe("a server that goes away or takes back", () => {
  let world: ScriptedWorld;
  let feed: Feed;
  let refused: Refusal[];
  let shown: string[];

  beforeEach(() => {
    world = new ScriptedWorld();
    refused = [];
    shown = [];
    feed = new Feed("ws://s", { onRefused: (refusal) => refused.push(refusal) }, { environment: world, backoffFirstMillis: 100 });
    feed.subscribe("prices:*", ({ kind, rows }) => shown.push(`${kind} ${rows.length}`));
    feed.subscribe("status", () => {});
    world.socket.hello();
    world.socket.acknowledge();
    world.socket.snapshot(AAPL, 5, [{ symbol: "AAPL", price: 1 }]);
  });

  test("connects again when it was told to, at once and not sooner, and resumes", () => {
    world.socket.deliver({ type: "goaway", afterMillis: 1730 });
    world.advance(1729);
    expect(feed.health.state).toBe("live");
    world.advance(1);
    expect(world.sockets).toHaveLength(2);
    expect(world.sockets[0]!.closed).toBe(true);
    expect(feed.health.state).toBe("stale");
    world.socket.hello();
    expect(world.socket.subscribes()[0]).toMatchObject({ resume: { [AAPL]: { epoch: "e1", seq: 5 } } });
  });

  test("does not go away twice when the server closes first", () => {
    world.socket.deliver({ type: "goaway", afterMillis: 1000 });
    world.socket.cut(4001, "restart");
    world.advance(100);
    world.socket.hello();
    world.socket.acknowledge();
    world.advance(2000);
    expect(world.sockets).toHaveLength(2);
    expect(feed.health.state).toBe("live");
  });

  test("ends a subscription that was taken back, shows nothing old, and does not ask for it again", () => {
    const told: Refusal[] = [];
    feed.subscribe("prices:*", () => {}, (refusal) => told.push(refusal));
    world.socket.deliver({ type: "ended", channel: "prices:*", code: 4403, message: "the token does not permit it any more" });
    expect(told).toEqual(refused);
    expect(told).toMatchObject([{ type: "ended", code: 4403 }]);
    expect(shown).toEqual(["snapshot 1", "snapshot 0"]);
    expect(feed.positions()).toEqual({});
    world.socket.cut();
    world.advance(100);
    world.socket.hello();
    expect(world.socket.subscribes().map(({ channels }) => channels[0])).toEqual(["status"]);
  });

  test("marks a channel as stale until the server has said something of it again", () => {
    expect(feed.isStale(AAPL)).toBe(false);
    expect(feed.isStale("prices:UNKNOWN")).toBe(true);
    world.socket.cut();
    expect(feed.isStale(AAPL)).toBe(true);
    world.advance(100);
    world.socket.hello();
    world.socket.acknowledge();
    expect(feed.health.state).toBe("live");
    expect(feed.isStale(AAPL)).toBe(true);
    world.socket.deliver({ type: "resumed", channel: AAPL, epoch: "e1", seq: 5 });
    expect(feed.isStale(AAPL)).toBe(false);
  });
});

describe("FrameBuffer of a fixed time", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("flushes so long after the first value, and not again until the next", () => {
    const flushed: Map<string, number>[] = [];
    const buffer = new FrameBuffer<string, number>((changes) => flushed.push(new Map(changes)), everyMillis(100));
    buffer.put("a", 1);
    vi.advanceTimersByTime(99);
    buffer.put("a", 2);
    expect(flushed).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(flushed).toEqual([new Map([["a", 2]])]);
    vi.advanceTimersByTime(1000);
    expect(flushed).toHaveLength(1);
    buffer.put("b", 3);
    buffer.clear();
    vi.advanceTimersByTime(1000);
    expect(flushed).toHaveLength(1);
  });
});
