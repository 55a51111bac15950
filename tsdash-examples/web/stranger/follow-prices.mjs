/**
 * Follows channels of a server through lost connections: written from docs/protocol.md with a plain WebSocket library and nothing of tsdash,
 * to prove that the page is enough. It writes a line of JSON after each frame: what it has, and how it came to have it.
 *
 *     node stranger/follow-prices.mjs ws://127.0.0.1:8080/prices 'prices:*'
 */
import WebSocket from "ws";
const [address, ...names] = process.argv.slice(2);
const NO_RETRY = new Set([4400, 4403, 4404, 4409, 4413]);
const copies = new Map();
const counts = { connections: 0, resumed: 0, resets: 0, gaps: 0 };
let commands = 0;

function take(message, subscribe) {
  const { type, channel, epoch, seq, rows } = message;
  const copy = copies.get(channel);
  if (type === "hello") subscribe(names, [...copies]);
  else if (type === "error") console.error(message.message);
  else if (type === "snapshot") {
    if (message.reason === "RESET" || (copy && copy.epoch !== epoch)) counts.resets++;
    copies.set(channel, { epoch, seq, key: message.key, rows: new Map(rows.map((row) => [row[message.key], row])) });
  } else if (type === "resumed" && copy) {
    counts.resumed++;
    copy.asked = false;
  } else if (type === "delta" && copy && !copy.asked) {
    if (message.prev !== copy.seq) {
      counts.gaps++;
      copy.asked = true;
      return subscribe([channel], [[channel, copy]]);
    }
    copy.seq = seq;
    for (const row of rows) {
      const key = row[copy.key];
      if (row.removed) copy.rows.delete(key);
      else copy.rows.set(key, Object.fromEntries(Object.entries({ ...copy.rows.get(key), ...row }).filter(([, value]) => value !== null)));
    }
  }
}

function connect() {
  const socket = new WebSocket(address, "tsdash.v1.json");
  let [silentMillis, heardAt] = [15_000, Date.now()];
  const subscribe = (channels, known) => {
    const resume = Object.fromEntries(known.map(([name, { epoch, seq }]) => [name, { epoch, seq }]));
    socket.send(JSON.stringify({ op: "subscribe", id: ++commands, channels, intervalMillis: 100, resume }));
  };
  const watch = setInterval(() => Date.now() - heardAt > silentMillis && socket.terminate(), 500);
  socket.on("error", () => {});
  socket.on("open", () => counts.connections++);
  socket.on("close", (code) => clearInterval(watch) ?? (NO_RETRY.has(code) || setTimeout(connect, 100 + 200 * Math.random())));
  socket.on("message", (frame) => {
    heardAt = Date.now();
    for (const message of JSON.parse(frame)) {
      if (message.type === "hello") silentMillis = 3 * message.heartbeatMillis;
      take(message, subscribe);
    }
    console.log(JSON.stringify({ ...counts, rows: Object.fromEntries([...copies].map(([name, { rows }]) => [name, [...rows.values()]])) }));
  });
}
connect();
