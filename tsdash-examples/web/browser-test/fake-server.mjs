/**
 * A stand-in for the server, with a made-up market: lets the dashboard be worked on, and its browser test be run, without Java.
 * Speaks docs/protocol.md as far as the dashboard uses it and serves apps/dashboard/dist.
 *
 *     node browser-test/fake-server.mjs [PORT] [SYMBOLS]
 */
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { WebSocketServer } from "ws";

const DIST = fileURLToPath(new URL("../apps/dashboard/dist", import.meta.url));
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const INTERVALS = { "1s": 1, "5s": 5, "1m": 60, "5m": 300, "15m": 900, "1h": 3600 };
const HEARTBEAT_MILLIS = 1000;
const NAMES = "BTC-USD ETH-USD AAPL MSFT NVDA AMZN TSLA GOOG META JPM EUR/USD GBP/USD XAU/USD SOL-USD TSDASH.TEST".split(" ");

const nanos = (seconds) => `${Math.floor(seconds * 1000)}000000`;
const nowSeconds = () => Date.now() / 1000;
const round = (value, decimals) => Number(value.toFixed(decimals));

/** A seeded generator, so that two runs look alike. */
function random(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

class Instrument {
  constructor(symbol, index) {
    this.symbol = symbol;
    this.random = random(index * 7919 + 17);
    this.decimals = symbol.includes("/") && !symbol.startsWith("XAU") ? 5 : 2;
    this.price = this.decimals === 5 ? 1 + this.random() : round(5 * 20_000 ** this.random(), 2);
    this.open = round(this.price * (1 + (this.random() - 0.5) * 0.06), this.decimals);
    this.volume = 0;
    this.tradeId = 0;
    this.bars = new Map();
  }

  spread() {
    return Math.max(10 ** -this.decimals, this.price * 0.0002);
  }

  history(interval) {
    let bars = this.bars.get(interval);
    if (bars) return bars;
    const size = INTERVALS[interval];
    const first = Math.floor(nowSeconds() / size) * size;
    bars = [];
    let close = this.price;
    for (let i = 0; i < 1500; i++) {
      const scale = this.price * 0.0012 * Math.sqrt(size / 60);
      const open = Math.max(0.01, close + (this.random() - 0.497) * scale * 2);
      const high = Math.max(open, close) + this.random() * scale;
      const low = Math.max(0.005, Math.min(open, close) - this.random() * scale);
      bars.push(this.bar(first - i * size, size, open, high, low, close, round(10 + this.random() ** 4 * 900, 3), "CLOSED"));
      close = open;
    }
    bars.reverse();
    bars.at(-1).state = "OPEN";
    this.bars.set(interval, bars);
    return bars;
  }

  bar(start, size, open, high, low, close, volume, state) {
    const [o, h, l, c] = [open, high, low, close].map((value) => round(value, this.decimals));
    return { openTime: nanos(start), closeTime: nanos(start + size), open: o, high: h, low: l, close: c, volume, vwap: (h + l + c) / 3, trades: 20, revision: 0, state };
  }

  trade() {
    const buy = this.random() < 0.5;
    this.price = Math.max(0.01, this.price * (1 + (this.random() - 0.5) * 0.0004));
    const price = round(this.price, this.decimals);
    const volume = round(0.001 + this.random() ** 6 * 20, 3);
    this.volume = round(this.volume + volume, 3);
    return { time: nanos(nowSeconds()), id: String(++this.tradeId), price, volume, side: buy ? "BUY" : "SELL" };
  }

  /** The rows that a trade changes in the intervals someone has looked at. */
  addToBars(trade) {
    const changed = [];
    for (const [interval, bars] of this.bars) {
      const size = INTERVALS[interval];
      const start = Math.floor(nowSeconds() / size) * size;
      let last = bars.at(-1);
      if (last.openTime !== nanos(start)) {
        last.state = "CLOSED";
        changed.push([interval, last]);
        last = this.bar(start, size, trade.price, trade.price, trade.price, trade.price, 0, "OPEN");
        last.trades = 0;
        bars.push(last);
      }
      last.high = Math.max(last.high, trade.price);
      last.low = Math.min(last.low, trade.price);
      last.close = trade.price;
      last.volume = round(last.volume + trade.volume, 3);
      last.trades++;
      changed.push([interval, last]);
    }
    return changed;
  }

  row(trade) {
    const half = this.spread() / 2;
    return {
      symbol: this.symbol, price: trade.price, size: trade.volume, side: trade.side, open: this.open, volume: this.volume,
      bid: round(trade.price - half, this.decimals), ask: round(trade.price + half, this.decimals), bidSize: round(this.random() * 9, 2), askSize: round(this.random() * 9, 2),
      time: trade.time, stale: false,
    };
  }
}

const KEYS = { prices: "symbol", bars: "openTime", status: "name" };

class Channel {
  constructor(name) {
    this.name = name;
    this.key = KEYS[name.split(":")[0]];
    this.seq = 0;
    this.rows = new Map();
    this.log = [];
  }

  /** Takes a row over and returns what a session must be told. */
  put(row) {
    this.seq++;
    if (this.key === undefined) {
      this.log.push(row);
      if (this.log.length > 500) this.log.shift();
    } else this.rows.set(row[this.key], { ...row, seq: this.seq });
  }

  since(seq) {
    if (this.key === undefined) {
      const missed = this.seq - seq;
      return missed <= this.log.length ? this.log.slice(this.log.length - missed) : undefined;
    }
    return [...this.rows.values()].filter((row) => row.seq > seq).map(({ seq: _, ...row }) => row);
  }

  all() {
    return this.key === undefined ? this.log.slice(-50) : this.since(-1);
  }
}

export function startFakeServer({ port = 0, symbols = 120, dist = DIST } = {}) {
  const epoch = Math.random().toString(36).slice(2, 6);
  const names = Array.from({ length: symbols }, (_, i) => NAMES[i] ?? `SIM${String(i).padStart(3, "0")}`);
  const instruments = new Map(names.map((name, i) => [name, new Instrument(name, i)]));
  const channels = new Map();
  const sessions = new Set();
  const streams = new Set();

  const channel = (name) => {
    if (!channels.has(name)) {
      channels.set(name, new Channel(name));
      const [kind, interval, ...rest] = name.split(":");
      if (kind === "bars") for (const bar of instruments.get(rest.join(":")).history(interval).slice(-5)) channels.get(name).put(bar);
    }
    return channels.get(name);
  };
  const covers = (pattern, name) => (pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name);

  const step = () => {
    for (const instrument of instruments.values()) {
      if (instrument.random() > 0.15) continue;
      const trade = instrument.trade();
      channel(`prices:${instrument.symbol}`).put(instrument.row(trade));
      channel(`trades:${instrument.symbol}`).put(trade);
      for (const [interval, bar] of instrument.addToBars(trade)) channel(`bars:${interval}:${instrument.symbol}`).put({ ...bar });
    }
  };
  for (const instrument of instruments.values()) instrument.history("1m");
  step();
  step();
  const status = (values) => channel("status").put({ name: "simulator", state: "LIVE", since: nanos(nowSeconds()), lagMillis: 3, gaps: 0, late: 0, duplicates: 0, refused: 0, stale: false, ...values });
  status({});
  channel("news").put({ time: nanos(nowSeconds() - 400), title: "Central bank leaves its rate as it is", text: "The decision was expected; markets move little.", symbols: ["EUR/USD"] });
  channel("news").put({ time: nanos(nowSeconds() - 90), title: "Chip maker raises its outlook", text: null, symbols: ["NVDA"] });
  channel("alerts").put({ time: nanos(nowSeconds() - 60), severity: "WARNING", code: "FEED_LAG", text: "Feed simulator was 900 ms behind for 4 s." });
  channel("alerts").put({ time: nanos(nowSeconds() - 30), severity: "INFO", code: "FEED_LIVE", text: "Feed simulator is live." });

  const http = createServer(async (request, response) => {
    const url = new URL(request.url, "http://x");
    const json = (value, code = 200) => {
      response.writeHead(code, { "content-type": code === 200 ? "application/json" : "application/problem+json" });
      response.end(JSON.stringify(value));
    };
    const instrument = instruments.get(url.searchParams.get("symbol"));
    if (url.pathname === "/symbols") return json({ symbols: names });
    if (url.pathname === "/stream") return stream(request, response, url);
    if (url.pathname === "/latest") return json({ rows: names.flatMap((name) => channel(`prices:${name}`).all()) });
    if (url.pathname.startsWith("/historical/") || url.pathname.startsWith("/aggregates/")) {
      if (!instrument) return json({ title: "Unknown symbol", detail: "There is no such symbol.", code: 4404 }, 404);
      if (url.pathname === "/historical/bars") {
        const to = url.searchParams.get("to");
        const bars = instrument.history(url.searchParams.get("interval")).filter((bar) => to === null || BigInt(bar.openTime) < BigInt(to));
        return json({ symbol: instrument.symbol, interval: url.searchParams.get("interval"), bars: bars.slice(-Number(url.searchParams.get("limit") ?? 500)), next: null });
      }
      if (url.pathname === "/aggregates/profile") {
        const stepSize = Number(url.searchParams.get("step"));
        const levels = [];
        const middle = Math.floor(instrument.price / stepSize);
        for (let i = -8; i <= 8; i++) levels.push({ price: (middle + i) * stepSize, volume: Math.round(Math.exp(-(i * i) / 20) * 100 * (0.5 + instrument.random())), trades: 5 });
        return json({ symbol: instrument.symbol, step: stepSize, levels });
      }
    }
    const path = join(dist, normalize(url.pathname === "/" ? "/index.html" : url.pathname));
    try {
      const body = await readFile(path);
      response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream" });
      response.end(body);
    } catch {
      json({ title: "Not found" }, 404);
    }
  });

  function stream(request, response, url) {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    const sent = new Map();
    const event = (type, message) => response.write(`event: ${type}\nid: ${[...sent].join()}\ndata: ${JSON.stringify({ type, ...message })}\n\n`);
    for (const name of url.searchParams.get("channels").split(",")) {
      sent.set(name, channel(name).seq);
      event("snapshot", { channel: name, epoch, seq: channel(name).seq, reason: "SUBSCRIBED", rows: channel(name).all() });
    }
    const flush = () => {
      for (const [name, seq] of sent) {
        if (channel(name).seq === seq) continue;
        sent.set(name, channel(name).seq);
        event("delta", { channel: name, prev: seq, seq: channel(name).seq, rows: channel(name).since(seq) });
      }
    };
    streams.add(flush);
    request.on("close", () => streams.delete(flush));
  }

  const sockets = new WebSocketServer({ server: http });
  sockets.on("connection", (socket) => {
    const session = { patterns: new Set(), sent: new Map(), conflated: 0 };
    sessions.add(session);
    const send = (...messages) => socket.send(JSON.stringify(messages));
    const open = (name, resume) => {
      const target = channel(name);
      const missed = resume?.epoch === epoch ? target.since(resume.seq) : undefined;
      session.sent.set(name, target.seq);
      if (missed === undefined) return send({ type: "snapshot", channel: name, epoch, seq: target.seq, reason: resume ? "RESET" : "SUBSCRIBED", rows: target.all() });
      send({ type: "resumed", channel: name, epoch, seq: resume.seq });
      if (missed.length > 0) send({ type: "delta", channel: name, prev: resume.seq, seq: target.seq, rows: missed });
    };
    session.flush = () => {
      const out = [];
      for (const name of channels.keys()) {
        if (![...session.patterns].some((pattern) => covers(pattern, name))) continue;
        const seq = session.sent.get(name);
        if (seq === undefined) open(name);
        else if (channel(name).seq > seq) {
          const rows = channel(name).since(seq);
          session.conflated += channel(name).seq - seq - rows.length;
          out.push({ type: "delta", channel: name, prev: seq, seq: channel(name).seq, rows });
          session.sent.set(name, channel(name).seq);
        }
      }
      if (out.length > 0) send(...out);
    };
    socket.on("message", (data) => {
      const { op, id, channels: patterns, resume } = JSON.parse(data);
      if (op === "ping") return send({ type: "pong", id });
      if (op !== "subscribe" && op !== "unsubscribe") return send({ type: "error", id, code: 4400, message: `op was '${op}'`, retry: false });
      send({ type: `${op}d`, id, channels: patterns });
      for (const pattern of patterns) {
        if (op === "unsubscribe") {
          session.patterns.delete(pattern);
          for (const name of session.sent.keys()) if (covers(pattern, name)) session.sent.delete(name);
          continue;
        }
        session.patterns.add(pattern);
        if (!pattern.endsWith("*")) open(pattern, resume?.[pattern]);
        else for (const name of [...channels.keys()]) if (covers(pattern, name)) open(name, resume?.[name]);
      }
    });
    const beat = setInterval(() => send({ type: "heartbeat", time: nanos(nowSeconds()), conflated: session.conflated, queuedBytes: 0 }), HEARTBEAT_MILLIS);
    socket.on("close", () => {
      clearInterval(beat);
      sessions.delete(session);
    });
    socket.on("error", () => {});
    send({ type: "hello", protocol: "tsdash.v1.json", session: "fake", heartbeatMillis: HEARTBEAT_MILLIS, server: "fake" });
  });

  const timers = [
    setInterval(step, 40),
    setInterval(() => sessions.forEach((session) => session.flush()), 100),
    setInterval(() => streams.forEach((flush) => flush()), 500),
    setInterval(() => status({ lagMillis: Math.round(1 + Math.random() * 8) }), 1000),
  ];
  return new Promise((resolve) => {
    http.listen(port, "127.0.0.1", () =>
      resolve({
        port: http.address().port,
        close() {
          timers.forEach(clearInterval);
          for (const socket of sockets.clients) socket.terminate();
          http.closeAllConnections();
          http.close();
        },
      }),
    );
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const server = await startFakeServer({ port: Number(process.argv[2] ?? 8090), symbols: Number(process.argv[3] ?? 120) });
  console.log(`fake server at http://127.0.0.1:${server.port}/?form=json`);
}
