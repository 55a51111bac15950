// A plain price server on ws: each update is sent to each subscriber as JSON (each), or once a tick all of a subscriber's in an array (batch).
// Arguments: each | batch, symbols, milliseconds between ticks.
import { WebSocketServer } from "ws";

const [mode, symbolCount, tickMillis] = [process.argv[2], +process.argv[3], +process.argv[4]];
const symbols = Array.from({ length: symbolCount }, (_, i) => `S${String(i).padStart(3, "0")}`);
const subscribers = new Map(symbols.map((symbol) => [symbol, []]));
const clients = [];
const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false, backlog: 4096 }, () =>
  console.log(`READY ${server.address().port}`),
);
server.on("connection", (socket) => {
  socket.on("error", () => {});
  socket.on("message", (text) => {
    const wanted = JSON.parse(text).channels.map((channel) => channel.slice("prices:".length));
    wanted.forEach((symbol) => subscribers.get(symbol).push(socket));
    clients.push({ socket, wanted });
  });
});

let tick = 0;
setInterval(() => {
  tick++;
  const texts = new Map();
  symbols.forEach((symbol, i) => {
    const mid = 10_000 + i * 10 + ((tick * 7 + i * 13) % 41);
    const update = {
      type: "price", symbol, time: String(process.hrtime.bigint()), bid: (mid - 1) / 100, ask: (mid + 1) / 100, bidSize: 100 + (tick % 9), askSize: 100 + (i % 7),
    };
    texts.set(symbol, JSON.stringify(update));
    if (mode === "each") subscribers.get(symbol).forEach((socket) => socket.send(texts.get(symbol)));
  });
  if (mode === "batch") {
    clients.forEach(({ socket, wanted }) => socket.send(`[${wanted.map((symbol) => texts.get(symbol)).join(",")}]`));
  }
}, tickMillis);
process.stdin.on("end", () => process.exit(0)).resume();
