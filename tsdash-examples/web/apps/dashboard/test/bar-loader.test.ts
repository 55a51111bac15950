import type { BarRow, ChannelChange, CommandError, FeedHealth } from "@tsdash/client";
import { expect, test } from "vitest";
import { BarLoader, type LoadState } from "../src/chart/BarLoader.ts";
import { Observable } from "../src/observable.ts";
import { bar, ManualFrames } from "./market-data.ts";

/** A server with a list of bars, pages of three, and a live channel that the test drives. */
function scripted(bars: BarRow[]) {
  const frames = new ManualFrames();
  const health = new Observable({ state: "live" } as FeedHealth);
  const asked: (string | undefined)[] = [];
  const states: LoadState[] = [];
  const script = { fail: false, live: (_: ChannelChange) => {}, refuse: (_: CommandError) => {}, unsubscribed: false };
  const market = {
    pricesHealth: health,
    rest: {
      bars: async (_symbol: string, _interval: string, { to }: { to?: string }) => {
        asked.push(to);
        if (script.fail) throw new Error("down");
        const before = bars.filter(({ openTime }) => to === undefined || BigInt(openTime) < BigInt(to));
        return { symbol: "A", interval: "1m", bars: before.slice(-3) };
      },
    },
    pricesFeed: {
      subscribe: (_channel: string, listener: typeof script.live, onRefused: typeof script.refuse) => {
        script.live = listener;
        script.refuse = onRefused;
        return () => (script.unsubscribed = true);
      },
    },
  };
  const refusals: string[] = [];
  const loader = new BarLoader(
    market as never,
    "A",
    "1m",
    { onBars: () => {}, onState: (state) => states.push(state), onLiveRefused: (message) => refusals.push(message) },
    frames,
  );
  const opens = () => loader.series.all.map(({ openTime }) => Number(BigInt(openTime) / 60_000_000_000n));
  const state = (name: string) => health.set({ ...health.get(), state: name as FeedHealth["state"] });
  return { loader, script, frames, asked, states, refusals, opens, state, bars };
}

const minutes = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => bar((from + i) * 60));
const settled = () => new Promise((resolve) => setTimeout(resolve));
const delta = (rows: BarRow[], kind: "delta" | "snapshot" = "delta"): ChannelChange => ({
  channel: "bars:1m:A",
  kind,
  rows: rows as never,
  removed: [],
});

test("loads the newest page first, then older ones until there are none", async () => {
  const { loader, asked, opens, states } = scripted(minutes(1, 5));
  await settled();
  expect(opens()).toEqual([3, 4, 5]);
  expect(states.at(-1)).toEqual({ kind: "ready" });
  await loader.loadOlder();
  expect(opens()).toEqual([1, 2, 3, 4, 5]);
  await loader.loadOlder();
  await loader.loadOlder();
  expect(asked).toHaveLength(3);
});

test("fills the hole that a lost connection left, page by page", async () => {
  const { opens, script, frames, state, bars } = scripted(minutes(1, 3));
  await settled();
  state("stale");
  bars.push(...minutes(4, 10));
  state("live");
  script.live(delta(minutes(10, 10)));
  frames.paint();
  await settled();
  expect(opens()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test("asks history again after a new snapshot, for bars taken back meanwhile", async () => {
  const { opens, script, frames, bars } = scripted(minutes(1, 3));
  await settled();
  bars.splice(1, 1);
  script.live(delta(minutes(3, 3), "snapshot"));
  frames.paint();
  await settled();
  expect(opens()).toEqual([1, 3]);
});

test("asks history again when more came than a hidden page holds", async () => {
  const { opens, script, frames, bars } = scripted(minutes(1, 3));
  await settled();
  bars.push(...minutes(4, 9));
  for (const pass of [1, 2]) script.live(delta(minutes(10 * pass, 10 * pass + 2500)));
  bars.push(...minutes(10, 12));
  frames.paint();
  await settled();
  expect(opens().slice(0, 12)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
});

test("says when history can't be had, and loads it when asked again", async () => {
  const { loader, script, states, opens } = scripted(minutes(1, 2));
  await settled();
  script.fail = true;
  await loader.loadNewest();
  expect(states.at(-1)?.kind).toBe("failed");
  script.fail = false;
  await loader.loadNewest();
  expect(states.at(-1)?.kind).toBe("ready");
  expect(opens()).toEqual([1, 2]);
});

test("tells why there are no live bars and ends its subscription when closed", async () => {
  const { loader, script, refusals } = scripted([]);
  script.refuse({ type: "error", code: 4404, message: "no bars of 1m" });
  expect(refusals).toEqual(["no bars of 1m"]);
  loader.close();
  expect(script.unsubscribed).toBe(true);
});
