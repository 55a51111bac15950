import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { EventFeed, fetchEvents, RequestFailed, Rest, type ChannelChange, type EventFeedState } from "../src/index.ts";

let server: Server | undefined;
const closing: (() => void)[] = [];

async function serve(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  server = createServer(handler);
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
  for (const close of closing.splice(0)) close();
  server?.closeAllConnections();
  server?.close();
});

/** Collects what comes and waits for a number of things. */
class Collector<T> {
  readonly all: T[] = [];
  private waiting: { count: number; resolve: () => void }[] = [];

  readonly add = (value: T): void => {
    this.all.push(value);
    for (const { count, resolve } of this.waiting) if (this.all.length >= count) resolve();
  };

  reaching(count: number): Promise<void> {
    return this.all.length >= count ? Promise.resolve() : new Promise((resolve) => this.waiting.push({ count, resolve }));
  }
}

const event = (type: string, message: object, id = "") => `event: ${type}\n${id === "" ? "" : `id: ${id}\n`}data: ${JSON.stringify(message)}\n\n`;
const snapshot = (seq: number, titles: string[], reason = "SUBSCRIBED") =>
  event("snapshot", { channel: "news", epoch: "e", seq, reason, rows: titles.map((title) => ({ title })) }, String(seq));
const delta = (prev: number, titles: string[]) =>
  event("delta", { channel: "news", prev, seq: prev + titles.length, rows: titles.map((title) => ({ title })) }, String(prev + titles.length));

describe("events by fetch", () => {
  test("bring the token, survive cuts at any place, and resume by Last-Event-ID without doubles", async () => {
    const requests: IncomingMessage["headers"][] = [];
    const url = await serve((request, response) => {
      requests.push(request.headers);
      response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
      if (requests.length === 1) {
        response.write(`retry: 1\r\n: a comment\r\n\r\n${snapshot(1, ["a"])}`);
        response.write(delta(1, ["b"]).slice(0, 20));
        setTimeout(() => {
          response.write(`${delta(1, ["b"]).slice(20)}event: delta\ndata: {"never":`);
          setTimeout(() => response.destroy(), 20);
        }, 20);
      } else {
        const resumed = event("resumed", { channel: "news", epoch: "e", seq: 1 });
        response.write(resumed + delta(1, ["b", "ć🙂", "d"]));
      }
    });
    const changes = new Collector<ChannelChange>();
    const states: EventFeedState[] = [];
    const open = fetchEvents({ headers: () => ({ authorization: `Bearer t${requests.length + 1}` }) });
    const feed = new EventFeed(`${url}/stream?channels=news`, changes.add, (state) => states.push(state), open);
    closing.push(() => feed.close());
    await changes.reaching(3);
    expect(changes.all.flatMap(({ rows }) => rows.map((row) => row["title"]))).toEqual(["a", "b", "ć🙂", "d"]);
    expect(requests.map(({ authorization }) => authorization)).toEqual(["Bearer t1", "Bearer t2"]);
    expect(requests.map((headers) => headers["last-event-id"])).toEqual([undefined, "2"]);
    expect(states).toEqual(["connecting", "live", "stale", "live"]);
    expect(feed).toMatchObject({ gaps: 0, resets: 0 });
  });

  test("end for good when the server says that another try is of no use", async () => {
    let requests = 0;
    const url = await serve((_, response) => {
      requests++;
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(`retry: 1\n\n${snapshot(1, ["a"])}${event("close", { code: 4403, message: "taken back", retry: false })}`);
    });
    const states = new Collector<EventFeedState>();
    const feed = new EventFeed(url, () => {}, states.add, fetchEvents());
    closing.push(() => feed.close());
    await states.reaching(3);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(states.all).toEqual(["connecting", "live", "failed"]);
    expect(requests).toBe(1);
  });

  test("give up at an answer that is no stream, and say so", async () => {
    const url = await serve((_, response) => response.writeHead(401).end());
    const states = new Collector<EventFeedState>();
    const feed = new EventFeed(url, () => {}, states.add, fetchEvents());
    closing.push(() => feed.close());
    await states.reaching(2);
    expect(states.all).toEqual(["connecting", "stale"]);
  });
});

describe("REST", () => {
  test("reads pages one by one, with the same question and the cursor of the page before", async () => {
    const asked: string[] = [];
    const url = await serve((request, response) => {
      asked.push(request.url!);
      const page = Number(new URL(request.url!, "http://x").searchParams.get("cursor") ?? 0);
      const trades = [0, 1].map((n) => ({ time: "1", id: String(page * 2 + n), price: 1, volume: 1 }));
      response.end(JSON.stringify({ symbol: "A", trades, next: page < 2 ? String(page + 1) : null }));
    });
    const ids: string[] = [];
    for await (const { id } of new Rest(url).eachTrade("A", { limit: 2 })) ids.push(id);
    expect(ids).toEqual(["0", "1", "2", "3", "4", "5"]);
    expect(asked).toEqual(["", "&cursor=1", "&cursor=2"].map((cursor) => `/historical/trades?symbol=A&limit=2${cursor}`));
    for await (const trade of new Rest(url).eachTrade("A", { limit: 2 })) if (trade.id === "2") break;
    expect(asked).toHaveLength(5);
  });

  test("fails with the problem, whether to try again, and in time", async () => {
    const url = await serve((request, response) => {
      if (request.url === "/symbols") return;
      const busy = request.url === "/latest";
      const problem = { title: "No", detail: "because", code: busy ? 4503 : 4404 };
      response.writeHead(busy ? 503 : 404, { "content-type": "application/problem+json" }).end(JSON.stringify(problem));
    });
    const rest = new Rest(url, { timeoutMillis: 200 });
    await expect(rest.latest()).rejects.toMatchObject({ message: "because", status: 503, code: 4503, retry: true, problem: { title: "No" } });
    await expect(rest.latest("X")).rejects.toMatchObject({ status: 404, retry: false });
    const failure: unknown = await rest.symbols().catch((reason: unknown) => reason);
    expect(failure).toBeInstanceOf(RequestFailed);
    expect(failure).toMatchObject({ status: 0, retry: true, message: "The server did not answer in time." });
  });

  test("passes the caller's own abort on as it is", async () => {
    const url = await serve(() => {});
    const abort = new AbortController();
    const answer = new Rest(url).symbols(abort.signal);
    abort.abort(new Error("left the page"));
    await expect(answer).rejects.toThrow("left the page");
  });

  test("brings headers that are asked for before each request", async () => {
    const url = await serve((request, response) => response.end(JSON.stringify({ symbols: [request.headers.authorization] })));
    let n = 0;
    const rest = new Rest(url, { headers: async () => ({ authorization: `Bearer ${++n}` }) });
    expect([await rest.symbols(), await rest.symbols()]).toEqual([{ symbols: ["Bearer 1"] }, { symbols: ["Bearer 2"] }]);
  });
});

describe("what a user keeps", () => {
  test("goes to the server and comes back; nothing is undefined, a refusal is told", async () => {
    let kept: string | undefined;
    const url = await serve((request, response) => {
      if (request.url !== "/user/watchlist") {
        response.writeHead(404, { "content-type": "application/problem+json" });
        response.end(JSON.stringify({ title: "Not Found" }));
      } else if (request.method === "PUT") {
        let body = "";
        request.on("data", (bytes) => (body += bytes));
        request.on("end", () => {
          kept = `${request.headers["content-type"]} ${body}`;
          response.writeHead(204).end();
        });
      } else {
        response.writeHead(kept === undefined ? 204 : 200, { "content-type": "application/json" });
        response.end(kept?.replace("application/json ", ""));
      }
    });
    const rest = new Rest(url);
    expect(await rest.kept("watchlist")).toBeUndefined();
    await rest.keep("watchlist", { symbols: ["A"] });
    expect(kept).toBe('application/json {"symbols":["A"]}');
    expect(await rest.kept("watchlist")).toEqual({ symbols: ["A"] });
    await expect(rest.keep("other", [])).rejects.toThrow("Not Found");
    expect(await rest.kept("other")).toBeUndefined();
  });
});
