import { act, cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OperatorPage } from "../src/operator/OperatorPage.tsx";
import { Operator, type Overview } from "../src/operator/operator.ts";

const OVERVIEW: Overview = {
  connections: 12,
  sessions: 9,
  channels: 3,
  mostHeard: [
    { name: "prices:BTC-USD", form: "state", sequence: 1234, subscribers: 9 },
    { name: "trades:BTC-USD", form: "log", sequence: 77, subscribers: 2 },
  ],
  slowest: [
    { session: "4", user: "ann", address: "/10.0.0.7:4711", channels: 5, intervalMillis: 0, queuedBytes: 900_000, fullMillis: 4000, conflated: 12 },
    { session: "1", user: "bob", address: "/10.0.0.8:4712", channels: 1, intervalMillis: 100, queuedBytes: 0, fullMillis: 0, conflated: 0 },
  ],
};

let answers: Map<string, () => Response>;
let asked: { url: string; headers: Record<string, string> }[];
let stream: ReadableStreamDefaultController<Uint8Array>;

const json = (value: object, status = 200) => new Response(JSON.stringify(value), { status });
const settle = () => act(async () => void (await vi.advanceTimersByTimeAsync(50)));
const send = (event: string, data: object) => stream.enqueue(new TextEncoder().encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`));

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("matchMedia", () => ({ matches: true, addEventListener() {}, removeEventListener() {} }));
  asked = [];
  answers = new Map([
    ["/operator/overview", () => json(OVERVIEW)],
    ["/health", () => json({ status: "DEGRADED", parts: { store: { status: "DEGRADED", reason: "connection refused" } } }, 503)],
    [
      "/stream",
      () => new Response(new ReadableStream({ start: (controller) => void (stream = controller) }), { headers: { "content-type": "text/event-stream" } }),
    ],
  ]);
  vi.stubGlobal("fetch", async (url: string, init: { headers: Record<string, string> }) => {
    asked.push({ url, headers: init.headers });
    return answers.get(new URL(url).pathname)!();
  });
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function open(): Promise<Operator> {
  const operator = new Operator("http://server");
  render(<OperatorPage operator={operator} />);
  await settle();
  return operator;
}

test("channels, clients and the parts of the server are shown and asked for again", async () => {
  await open();
  expect(screen.getByTestId("counts").textContent).toBe("9 sessions on 12 connections, 3 channels");
  expect(screen.getByTestId("parts").textContent).toContain("store degraded connection refused");
  const clients = within(screen.getByTestId("clients")).getAllByRole("row");
  expect(clients[1]!.textContent).toBe("10.0.0.7:4711ann900,000 B4 s125change");
  expect(clients[1]!.className).toBe("warn");
  expect(clients[2]!.className).toBe("");
  answers.set("/operator/overview", () => json({ ...OVERVIEW, sessions: 10 }));
  await act(async () => void (await vi.advanceTimersByTimeAsync(2100)));
  expect(screen.getByTestId("counts").textContent).toContain("10 sessions");
});

test("what was seen stays, marked as old, while the server is away", async () => {
  await open();
  answers.set("/operator/overview", () => {
    throw new TypeError("refused");
  });
  await act(async () => void (await vi.advanceTimersByTimeAsync(2100)));
  expect(screen.getByTestId("problem").textContent).toBe("The server can't be reached. What is shown is old.");
  expect(screen.getByTestId("channels").textContent).toContain("prices:BTC-USD");
});

test("a token is asked for where the server wants one, and goes with each request", async () => {
  answers.set("/operator/overview", () => json({ detail: "the call needs the permission 'operator'" }, 403));
  await open();
  expect(screen.getByTestId("problem").textContent).toContain("the permission 'operator'");
  answers.set("/operator/overview", () => json(OVERVIEW));
  fireEvent.change(screen.getByTestId("token"), { target: { value: "secret" } });
  fireEvent.submit(screen.getByTestId("token").closest("form")!);
  await settle();
  expect(asked.at(-1)!.headers["authorization"]).toBe("Bearer secret");
  expect(screen.getByTestId("counts").textContent).toContain("9 sessions");
  expect(screen.queryByTestId("token")).toBeNull();
});

test("a channel can be followed row by row, and let go", async () => {
  await open();
  fireEvent.click(screen.getByRole("button", { name: "Follow trades:BTC-USD" }));
  await settle();
  expect(asked.at(-1)!.url).toBe("http://server/stream?intervalMillis=0&channels=trades%3ABTC-USD");
  send("snapshot", { type: "snapshot", channel: "trades:BTC-USD", epoch: "e", seq: 1, reason: "SUBSCRIBED", rows: [{ id: 1, price: 5 }] });
  send("delta", { type: "delta", channel: "trades:BTC-USD", prev: 1, seq: 2, rows: [{ id: 2, price: 6 }] });
  await settle();
  const rows = within(screen.getByTestId("followed")).getAllByRole("listitem");
  expect(rows.map((row) => row.querySelector("code")!.textContent)).toEqual(['{"id":2,"price":6}', '{"id":1,"price":5}']);
  fireEvent.click(screen.getByRole("button", { name: "stop" }));
  await settle();
  expect(screen.getByTestId("followed").textContent).toContain("Press “follow”");
});

test("the filter asks for channels by the beginning of their names", async () => {
  await open();
  fireEvent.change(screen.getByTestId("prefix"), { target: { value: "bars:" } });
  await settle();
  expect(asked.some(({ url }) => url === "http://server/operator/overview?prefix=bars%3A")).toBe(true);
});
