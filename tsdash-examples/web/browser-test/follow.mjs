/**
 * Follows prices in Node with the client package as it is built, and writes a line of JSON whenever something changes: its health, and all rows.
 *
 *     node browser-test/follow.mjs DIST_URL SUBPROTOCOL ws://127.0.0.1:8080/prices [TOKEN_PREFIX]
 */
import WebSocket from "ws";

const [dist, form, address, prefix] = process.argv.slice(2);
const { binaryCodec, Feed, jsonCodec } = await import(`${dist}index.js`);
const { msgpackCodec } = await import(`${dist}msgpack.js`);
const { protobufCodec } = await import(`${dist}protobuf.js`);
const codec = [jsonCodec(), msgpackCodec(), protobufCodec(), binaryCodec()].find(({ subprotocol }) => subprotocol === form);
const rows = {};
let tokens = 0;
const token = prefix === undefined ? {} : { token: async () => `${prefix}${++tokens}` };
let feed;

const say = () => {
  const { state, reason, lastFrameMillis, roundTripMillis, ...counts } = feed.health;
  console.log(JSON.stringify({ ...counts, rows: Object.values(rows) }));
};
feed = new Feed(
  address,
  { onHealth: () => feed && say(), onFault: (reason) => console.error(reason) },
  { codec, webSocket: WebSocket, intervalMillis: 20, checksumMillis: 200, backoffFirstMillis: 50, backoffMaxMillis: 200, ...token },
);
feed.subscribe("prices:*", (change) => {
  for (const row of change.rows) rows[row.symbol] = row;
  say();
});
