import { beforeEach, describe, expect, test, vi } from "vitest";
import { Feed, type ChannelChange, type Refusal } from "../src/index.ts";
import { ScriptedWorld } from "./scripted-server.ts";

const AAPL = "prices:AAPL";

let world: ScriptedWorld;
let feed: Feed;
let changes: ChannelChange[];
let refused: Refusal[];

function start(pattern = "prices:*"): void {
  feed.subscribe(pattern, (change) => changes.push(change));
  world.socket.hello();
  world.socket.acknowledge();
}

beforeEach(() => {
  world = new ScriptedWorld();
  changes = [];
  refused = [];
  feed = new Feed(
    "ws://test/prices",
    { onRefused: (error) => refused.push(error) },
    { environment: world, backoffFirstMillis: 100, backoffMaxMillis: 1000 },
  );
});

describe("rows", () => {
  test("merges a delta into the snapshot, field by field", () => {
    start();
    world.socket.snapshot(AAPL, 15, [{ symbol: "AAPL", price: 150.25, bid: 150.2 }]);
    world.socket.delta(AAPL, 15, 18, [{ symbol: "AAPL", price: 150.26 }]);
    expect(changes.at(-1)).toEqual({
      channel: AAPL,
      kind: "delta",
      rows: [{ symbol: "AAPL", price: 150.26, bid: 150.2 }],
      removed: [],
    });
    expect(feed.positions()).toEqual({ [AAPL]: { epoch: "e1", seq: 18 } });
  });

  test("takes away a removed row and keeps the others", () => {
    start("bars:1m:AAPL");
    const channel = "bars:1m:AAPL";
    world.socket.snapshot(channel, 1, [{ openTime: "60", open: 1 }, { openTime: "120", open: 2 }]);
    world.socket.delta(channel, 1, 2, [{ openTime: "60", removed: true }]);
    expect(changes.at(-1)).toEqual({ channel, kind: "delta", rows: [], removed: ["60"] });
    const late: ChannelChange[] = [];
    feed.subscribe(channel, (change) => late.push(change));
    expect(late[0]?.rows).toEqual([{ openTime: "120", open: 2 }]);
  });

  test("takes a row that goes and comes back within one delta for a new one", () => {
    start();
    world.socket.snapshot(AAPL, 1, [{ symbol: "AAPL", price: 1, bid: 1 }]);
    world.socket.delta(AAPL, 1, 3, [{ symbol: "AAPL", removed: true }, { symbol: "AAPL", price: 2 }]);
    expect(changes.at(-1)).toMatchObject({ rows: [{ symbol: "AAPL", price: 2 }], removed: [] });
    expect(changes.at(-1)?.rows[0]).not.toHaveProperty("bid");
  });

  test("throws away at a snapshot what it had", () => {
    start("bars:1m:AAPL");
    world.socket.snapshot("bars:1m:AAPL", 1, [{ openTime: "60" }]);
    world.socket.snapshot("bars:1m:AAPL", 9, [{ openTime: "120" }], "SLOW");
    const late: ChannelChange[] = [];
    feed.subscribe("bars:1m:AAPL", (change) => late.push(change));
    expect(late[0]?.rows).toEqual([{ openTime: "120" }]);
  });

  test("hands every row of a log channel over, in order and unmerged", () => {
    start("trades:AAPL");
    world.socket.snapshot("trades:AAPL", 5, []);
    world.socket.delta("trades:AAPL", 5, 7, [{ id: "1", price: 1 }, { id: "2", price: 1 }]);
    expect(changes.at(-1)?.rows.map((row) => row["id"])).toEqual(["1", "2"]);
  });

  test("ignores channels that nobody listens to", () => {
    start(AAPL);
    world.socket.delta("prices:MSFT", 1, 2, [{ symbol: "MSFT" }]);
    expect(changes).toEqual([]);
    expect(feed.health.gaps).toBe(0);
  });
});

describe("gaps", () => {
  test("asks to resume from its position when a delta does not follow", () => {
    start();
    world.socket.snapshot(AAPL, 15, [{ symbol: "AAPL", price: 1 }]);
    world.socket.delta(AAPL, 17, 18, [{ symbol: "AAPL", price: 3 }]);
    expect(feed.health.gaps).toBe(1);
    expect(world.socket.subscribes().at(-1)).toMatchObject({
      channels: [AAPL],
      resume: { [AAPL]: { epoch: "e1", seq: 15 } },
    });
    expect(changes).toHaveLength(1);
  });

  test("goes on after the gap is filled, and counts one gap however many deltas came meanwhile", () => {
    start();
    world.socket.snapshot(AAPL, 15, [{ symbol: "AAPL", price: 1 }]);
    world.socket.delta(AAPL, 17, 18, [{ symbol: "AAPL", price: 3 }]);
    world.socket.delta(AAPL, 18, 19, [{ symbol: "AAPL", price: 4 }]);
    world.socket.deliver({ type: "resumed", channel: AAPL, epoch: "e1", seq: 15 });
    world.socket.delta(AAPL, 15, 19, [{ symbol: "AAPL", price: 4 }]);
    expect(feed.health).toMatchObject({ gaps: 1, resumed: 1 });
    expect(changes.at(-1)?.rows).toEqual([{ symbol: "AAPL", price: 4 }]);
    expect(feed.positions()[AAPL]?.seq).toBe(19);
  });

  test("asks again when the answer to a resubscription does not come", () => {
    start();
    world.socket.snapshot(AAPL, 15, []);
    world.socket.delta(AAPL, 17, 18, []);
    const before = world.socket.subscribes().length;
    for (let i = 0; i < 4; i++) {
      world.advance(1000);
      world.socket.deliver({ type: "heartbeat", time: "1" });
    }
    expect(world.socket.subscribes().length).toBe(before + 1);
  });

  test("does not call the last deltas of an ended subscription a gap", () => {
    const end = feed.subscribe(AAPL, () => {});
    world.socket.hello();
    world.socket.acknowledge();
    world.socket.snapshot(AAPL, 1, [{ symbol: "AAPL" }]);
    end();
    feed.subscribe(AAPL, (change) => changes.push(change));
    world.socket.delta(AAPL, 1, 2, [{ symbol: "AAPL", price: 1 }]);
    world.socket.acknowledge();
    world.socket.snapshot(AAPL, 3, [{ symbol: "AAPL", price: 2 }]);
    expect(feed.health.gaps).toBe(0);
    expect(changes).toHaveLength(1);
  });
});

describe("connection", () => {
  test("is live once every subscription is acknowledged", () => {
    feed.subscribe("prices:*", () => {});
    expect(feed.health.state).toBe("connecting");
    world.socket.hello();
    expect(feed.health.state).toBe("connecting");
    world.socket.acknowledge();
    expect(feed.health.state).toBe("live");
  });

  test("is stale while cut off and resumes every channel where it was", () => {
    start();
    world.socket.snapshot(AAPL, 15, [{ symbol: "AAPL", price: 1 }]);
    world.socket.snapshot("prices:MSFT", 4, [{ symbol: "MSFT", price: 1 }]);
    world.socket.cut();
    expect(feed.health.state).toBe("stale");
    world.advance(100);
    world.socket.hello();
    expect(world.socket.subscribes()[0]).toMatchObject({
      channels: ["prices:*"],
      resume: { [AAPL]: { epoch: "e1", seq: 15 }, "prices:MSFT": { epoch: "e1", seq: 4 } },
    });
    world.socket.acknowledge();
    world.socket.deliver({ type: "resumed", channel: AAPL, epoch: "e1", seq: 15 });
    world.socket.delta(AAPL, 15, 20, [{ symbol: "AAPL", price: 2 }]);
    expect(feed.health).toMatchObject({ state: "live", resumed: 1, resets: 0, gaps: 0, connections: 2 });
    expect(changes.at(-1)?.rows).toEqual([{ symbol: "AAPL", price: 2 }]);
  });

  test("counts a reset and takes the snapshot when the server can't resume", () => {
    start();
    world.socket.snapshot(AAPL, 15, [{ symbol: "AAPL", price: 1, bid: 0.9 }]);
    world.socket.cut();
    world.advance(100);
    world.socket.hello();
    world.socket.acknowledge();
    world.socket.snapshot(AAPL, 3, [{ symbol: "AAPL", price: 7 }], "RESET", "e2");
    expect(feed.health.resets).toBe(1);
    expect(changes.at(-1)).toMatchObject({ kind: "snapshot", rows: [{ symbol: "AAPL", price: 7 }] });
    world.socket.delta(AAPL, 3, 4, [{ symbol: "AAPL", price: 8 }]);
    expect(changes.at(-1)?.rows).toEqual([{ symbol: "AAPL", price: 8 }]);
  });

  test("drops what a server that was started anew no longer knows", () => {
    start();
    world.socket.snapshot(AAPL, 15, [{ symbol: "AAPL", price: 1 }]);
    world.socket.snapshot("prices:OLD", 15, [{ symbol: "OLD", price: 1 }]);
    world.socket.cut();
    world.advance(100);
    world.socket.hello();
    world.socket.acknowledge();
    world.socket.snapshot(AAPL, 1, [{ symbol: "AAPL", price: 2 }], "RESET", "e2");
    for (let i = 0; i < 3; i++) world.socket.deliver({ type: "heartbeat", time: "1" });
    expect(feed.positions()).toEqual({ [AAPL]: { epoch: "e2", seq: 1 } });
    expect(changes.at(-1)).toEqual({ channel: "prices:OLD", kind: "snapshot", rows: [], removed: [] });
    expect(feed.health.resets).toBe(2);
  });

  test("counts a snapshot of a log channel that moved meanwhile as a reset, whatever the server calls it", () => {
    start("trades:AAPL");
    world.socket.snapshot("trades:AAPL", 5, []);
    world.socket.cut();
    world.advance(100);
    world.socket.hello();
    world.socket.snapshot("trades:AAPL", 9, []);
    expect(feed.health.resets).toBe(1);
  });

  test("takes what it has again when the server resumes from an older position", () => {
    start("trades:AAPL");
    world.socket.snapshot("trades:AAPL", 15, []);
    world.socket.deliver({ type: "resumed", channel: "trades:AAPL", epoch: "e1", seq: 13 });
    world.socket.delta("trades:AAPL", 13, 16, [{ id: "14" }, { id: "15" }, { id: "16" }]);
    expect(changes.at(-1)?.rows).toEqual([{ id: "16" }]);
    expect(feed.health.gaps).toBe(0);
  });

  test("takes only the end of a log that is shown again from a place it knows", () => {
    start("trades:AAPL");
    world.socket.snapshot("trades:AAPL", 15, [{ id: "15" }]);
    world.socket.snapshot("trades:AAPL", 17, [{ id: "14" }, { id: "15" }, { id: "16" }, { id: "17" }]);
    expect(changes.at(-1)).toMatchObject({ kind: "delta", rows: [{ id: "16" }, { id: "17" }] });
    expect(feed.health.resets).toBe(0);
  });

  test("asks for a snapshot when the server resumes from a position it has never been at", () => {
    start();
    world.socket.snapshot(AAPL, 15, [{ symbol: "AAPL" }]);
    world.socket.deliver({ type: "resumed", channel: AAPL, epoch: "e1", seq: 22 });
    expect(world.socket.subscribes().at(-1)).not.toHaveProperty("resume");
    expect(feed.health.resumed).toBe(0);
  });

  test("resumes each channel with the subscription that covers it", () => {
    feed.subscribe("status", () => {});
    start("prices:*");
    world.socket.snapshot(AAPL, 15, [{ symbol: "AAPL" }]);
    world.socket.snapshot("status", 2, []);
    world.socket.cut();
    world.advance(100);
    world.socket.hello();
    expect(world.socket.subscribes().map(({ resume }) => Object.keys(resume))).toEqual([["status"], [AAPL]]);
  });

  test("counts a slow snapshot and no gap", () => {
    start();
    world.socket.snapshot(AAPL, 15, [{ symbol: "AAPL", price: 1 }]);
    world.socket.snapshot(AAPL, 400, [{ symbol: "AAPL", price: 2 }], "SLOW");
    world.socket.delta(AAPL, 400, 401, [{ symbol: "AAPL", price: 3 }]);
    expect(feed.health).toMatchObject({ slowSnapshots: 1, gaps: 0, resets: 0 });
  });

  test("takes three missing heartbeats for a dead connection", () => {
    start();
    const first = world.socket;
    world.advance(2999);
    expect(feed.health.state).toBe("live");
    world.advance(1);
    expect(feed.health.state).toBe("stale");
    expect(feed.health.reason).toContain("no sign of life");
    expect(first.closed).toBe(true);
    world.advance(100);
    expect(world.sockets).toHaveLength(2);
  });

  test("is kept alive by heartbeats alone, and adds up what was conflated over connections", () => {
    start();
    for (let i = 1; i <= 6; i++) {
      world.advance(1000);
      world.socket.deliver({ type: "heartbeat", time: "1", conflated: i });
    }
    expect(feed.health).toMatchObject({ state: "live", conflated: 6 });
    world.socket.cut();
    world.advance(100);
    world.socket.hello();
    world.socket.deliver({ type: "heartbeat", time: "1", conflated: 4 });
    expect(feed.health.conflated).toBe(10);
  });

  test("waits longer after each failed attempt, up to the limit, and starts over once live", () => {
    const attemptAfter = (millis: number) => {
      world.socket.cut();
      const before = world.sockets.length;
      world.advance(millis - 1);
      expect(world.sockets).toHaveLength(before);
      world.advance(1);
      expect(world.sockets).toHaveLength(before + 1);
    };
    for (const millis of [100, 200, 400, 800, 1000, 1000]) attemptAfter(millis);
    world.socket.hello();
    attemptAfter(100);
  });

  test("does not try again after a close code that says so", () => {
    start();
    world.socket.cut(4413, "frame too large");
    world.advance(60_000);
    expect(feed.health).toMatchObject({ state: "failed", reason: "frame too large" });
    expect(world.sockets).toHaveLength(1);
  });

  test("tells of a refused subscription and keeps the others", () => {
    const told: Refusal[] = [];
    feed.subscribe("prizes:AAPL", () => {}, (error) => told.push(error));
    feed.subscribe("prices:*", () => {});
    world.socket.hello();
    const bad = world.socket.subscribes().find(({ channels }) => channels[0] === "prizes:AAPL")!;
    world.socket.deliver({ type: "error", id: bad["id"], code: 4404, message: "no such channel", retry: false });
    expect(refused).toHaveLength(1);
    expect(told).toEqual(refused);
    world.socket.acknowledge();
    expect(feed.health.state).toBe("live");
  });

  test("begins the connection anew after a frame that makes no sense, and resumes", () => {
    for (const frame of ["not json", "{}", "[1]", new ArrayBuffer(3)]) {
      world.advance(1000);
      world.socket.hello();
      world.socket.acknowledge();
      const before = feed.health.malformed;
      world.socket.onmessage!({ data: frame });
      expect(feed.health).toMatchObject({ malformed: before + 1, state: "stale" });
      expect(feed.health.reason).toContain("frame");
    }
    expect(world.sockets).toHaveLength(4);
  });

  test("waits longer each time while frames make no sense, and starts over once that has stopped", () => {
    const waits: number[] = [];
    for (let i = 0; i < 5; i++) {
      world.socket.hello();
      if (i === 3) for (let beat = 0; beat < 2; beat++) world.socket.deliver({ type: "heartbeat", time: "1" });
      world.socket.onmessage!({ data: "not json" });
      const sockets = world.sockets.length;
      let waited = 0;
      for (; world.sockets.length === sockets; waited += 50) world.advance(50);
      waits.push(waited);
    }
    expect(waits).toEqual([100, 200, 400, 100, 200]);
  });

  test("passes messages over that it does not know", () => {
    start();
    world.socket.deliver({ type: "of a later version" });
    expect(feed.health).toMatchObject({ malformed: 0, state: "live" });
  });

  test("keeps going when a listener throws, and reports that as uncaught", () => {
    const uncaught = vi.spyOn(globalThis, "queueMicrotask").mockImplementation(() => {});
    feed.subscribe(AAPL, () => {
      throw new Error("of the listener");
    });
    start(AAPL);
    world.socket.snapshot(AAPL, 1, [{ symbol: "AAPL" }]);
    expect(changes).toHaveLength(1);
    expect(uncaught).toHaveBeenCalledOnce();
    expect(uncaught.mock.calls[0]![0]).toThrow("of the listener");
    uncaught.mockRestore();
  });

  test("does nothing more after close", () => {
    start();
    feed.close();
    feed.close();
    world.advance(60_000);
    expect(world.sockets).toHaveLength(1);
    expect(feed.health.state).toBe("closed");
  });
});

describe("subscriptions", () => {
  test("unsubscribes when the last listener of a pattern goes", () => {
    const first = feed.subscribe(AAPL, () => {});
    const second = feed.subscribe(AAPL, () => {});
    world.socket.hello();
    const third = feed.subscribe(AAPL, () => {});
    third();
    expect(world.socket.subscribes()).toHaveLength(1);
    first();
    expect(world.socket.commands.some(({ op }) => op === "unsubscribe")).toBe(false);
    second();
    expect(world.socket.commands.at(-1)).toMatchObject({ op: "unsubscribe", channels: [AAPL] });
  });

  test("measures the round trip by ping", () => {
    start();
    const ping = world.socket.commands.find(({ op }) => op === "ping")!;
    world.advance(12);
    world.socket.deliver({ type: "pong", id: ping["id"] });
    expect(feed.health.roundTripMillis).toBe(12);
  });

  test("sends positions that don't fit into one command in several, before the one that names the channels", () => {
    start();
    for (let i = 0; i < 2000; i++) world.socket.snapshot(`prices:S${i}`, 1, [{ symbol: `S${i}` }]);
    world.socket.cut();
    world.advance(100);
    world.socket.hello();
    const commands = world.socket.subscribes();
    for (const command of commands) expect(JSON.stringify(command).length).toBeLessThan(30_000);
    expect(commands.map(({ channels }) => channels.length)).toEqual([...commands.slice(1).map(() => 0), 1]);
    expect(Object.keys(Object.assign({}, ...commands.map(({ resume }) => resume)))).toHaveLength(2000);
    world.socket.acknowledge();
    expect(feed.health.state).toBe("live");
  });
});
