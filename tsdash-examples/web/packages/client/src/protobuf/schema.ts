import type { Row } from "../protocol.ts";
import { count, double, flag, oneOf, one, readMessage, readPart, text, texts, version, wide, type Fields, type ReadField } from "./wire.ts";

/** `tsdash.proto`, as far as a server sends it. In proto3 a value that is not written is the empty one. */

const PRICE: Fields = {
  1: text("symbol"),
  2: double("price"),
  3: double("volume"),
  4: wide("time"),
  6: double("size"),
  7: text("side"),
  8: double("open"),
  9: double("bid"),
  10: double("ask"),
  11: double("bidSize"),
  12: double("askSize"),
  13: flag("stale"),
};
const BAR: Fields = {
  1: wide("openTime"),
  2: wide("closeTime"),
  3: double("open"),
  4: double("high"),
  5: double("low"),
  6: double("close"),
  7: double("volume"),
  8: double("vwap"),
  9: count("trades"),
  10: count("revision"),
  11: text("state"),
};
const TRADE: Fields = {
  1: wide("time"),
  2: wide("id"),
  3: double("price"),
  4: double("volume"),
  5: text("side"),
  6: version("version"),
};

const VALUE = "value";
const FIELD: Fields = {
  1: text("name"),
  2: double(VALUE),
  3: count(VALUE),
  4: wide(VALUE),
  5: wide(VALUE),
  6: version(VALUE),
  7: flag(VALUE),
  8: text(VALUE),
  9: (reader, wireType, into) => {
    const list = { values: [] };
    readPart(reader, wireType, () => readMessage(reader, { 1: texts("values") }, list));
    into[VALUE] = list.values;
  },
};
const RECORD: Fields = {
  1: (reader, wireType, into) => {
    const field: Record<string, unknown> = { name: "" };
    readPart(reader, wireType, () => readMessage(reader, FIELD, field));
    if (field[VALUE] !== undefined) put(into, field["name"] as string, field[VALUE]);
  },
};

/** A row: fields that vanished are null, and one that was removed says so. */
function row(fields: Fields): ReadField {
  const all: Fields = { ...fields, 14: vanished, 15: flag("removed") };
  return (reader, wireType, into) => {
    const found: Row = {};
    readPart(reader, wireType, () => readMessage(reader, all, found));
    if (found["removed"] === false) delete found["removed"];
    (into["rows"] as Row[]).push(found);
  };
}

function vanished(...[reader, wireType, into]: Parameters<ReadField>): void {
  const names: { names: string[] } = { names: [] };
  texts("names")(reader, wireType, names);
  for (const name of names.names) put(into, name, null);
}

/** A name that comes from the wire: none may reach the object's own workings. */
function put(into: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== "__proto__") into[name] = value;
}

const ROWS: Fields = { 6: row(PRICE), 7: row(BAR), 8: row(TRADE), 9: row(RECORD) };
const CHANNEL = text("channel");

function message(type: string, empty: () => object, fields: Fields): ReadField {
  return one("message", fields, () => ({ type, ...empty() }));
}

/** Kinds of messages by their number in `ServerMessage`. */
export const SERVER_MESSAGE: Fields = {
  1: message("hello", () => ({ protocol: "", session: "", heartbeatMillis: 0, server: "" }), {
    1: text("protocol"),
    2: text("session"),
    3: count("heartbeatMillis"),
    4: text("server"),
  }),
  2: message("subscribed", () => ({ id: 0, channels: [] }), { 1: count("id"), 2: texts("channels") }),
  3: message("unsubscribed", () => ({ id: 0, channels: [] }), { 1: count("id"), 2: texts("channels") }),
  4: message("pong", () => ({ id: 0 }), { 1: count("id") }),
  5: message("snapshot", () => ({ channel: "", epoch: "", seq: 0, reason: "SUBSCRIBED", rows: [] }), {
    1: CHANNEL,
    2: text("epoch"),
    3: count("seq"),
    4: oneOf("reason", ["SUBSCRIBED", "RESET", "SLOW"]),
    5: text("key"),
    ...ROWS,
  }),
  6: message("resumed", () => ({ channel: "", epoch: "", seq: 0 }), { 1: CHANNEL, 2: text("epoch"), 3: count("seq") }),
  7: message("delta", () => ({ channel: "", prev: 0, seq: 0, rows: [] }), { 1: CHANNEL, 2: count("prev"), 3: count("seq"), ...ROWS }),
  8: message("heartbeat", () => ({ time: "0", conflated: 0, queuedBytes: 0 }), {
    1: wide("time"),
    2: count("conflated"),
    3: count("queuedBytes"),
  }),
  9: message("error", () => ({ code: 0, message: "", retry: false }), {
    1: count("id"),
    2: count("code"),
    3: text("message"),
    4: flag("retry"),
  }),
  10: message("checksum", () => ({ id: 0, channel: "", epoch: "", seq: 0, crc: 0 }), {
    1: count("id"),
    2: CHANNEL,
    3: text("epoch"),
    4: count("seq"),
    5: count("crc"),
  }),
  11: message("authenticated", () => ({ id: 0, user: "", expires: "0" }), { 1: count("id"), 2: text("user"), 3: wide("expires") }),
  12: message("ended", () => ({ channel: "", code: 0, message: "" }), { 1: CHANNEL, 2: count("code"), 3: text("message") }),
  13: message("goaway", () => ({ afterMillis: 0 }), { 1: count("afterMillis") }),
  14: message("ack", () => ({ id: 0, clientOrderId: "", orderId: "", status: "" }), {
    1: count("id"),
    2: text("clientOrderId"),
    3: text("orderId"),
    4: text("status"),
  }),
};
