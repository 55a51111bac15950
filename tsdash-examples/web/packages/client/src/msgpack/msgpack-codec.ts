import { ByteReader } from "../byte-reader.ts";
import { messageOf, type FrameDecoder, type MessageCodec } from "../codec.ts";
import type { ServerMessage } from "../protocol.ts";

const SUBPROTOCOL = "tsdash.v1.msgpack";
/** A frame, a message, its rows, a row, a list: nothing of this protocol is deeper. */
const DEPTH_MAX = 16;

/** `tsdash.v1.msgpack`: the objects of JSON in MessagePack. Reads that format by itself, since it must tell times from counts. */
export function msgpackCodec(): MessageCodec {
  return { subprotocol: SUBPROTOCOL, newDecoder: () => DECODER };
}

const DECODER: FrameDecoder = {
  begin: () => {},
  decode(frame) {
    const reader = ByteReader.of(frame, SUBPROTOCOL);
    const messages = readValue(reader, 0);
    if (reader.left > 0) reader.fail("a frame is one array, but something follows it");
    if (!Array.isArray(messages) || messages.some((message) => messageOf(message) === undefined)) {
      reader.fail("a frame is an array of messages with a type");
    }
    return messages as ServerMessage[];
  },
};

function readValue(reader: ByteReader, depth: number): unknown {
  if (depth > DEPTH_MAX) reader.fail(`values are nested deeper than ${DEPTH_MAX}`);
  const head = reader.byte();
  if (head < 0x80) return head;
  if (head < 0x90) return readMap(reader, head & 0x0f, depth);
  if (head < 0xa0) return readArray(reader, head & 0x0f, depth);
  if (head < 0xc0) return reader.textOf(head & 0x1f);
  if (head >= 0xe0) return head - 0x100;
  const { view } = reader;
  switch (head) {
    case 0xc0:
      return null;
    case 0xc2:
      return false;
    case 0xc3:
      return true;
    case 0xc4:
    case 0xc5:
    case 0xc6:
      return skip(reader, readCount(reader, head - 0xc4));
    case 0xc7:
    case 0xc8:
    case 0xc9:
      return skip(reader, readCount(reader, head - 0xc7) + 1);
    case 0xca:
      return view.getFloat32(reader.take(4));
    case 0xcb:
      return view.getFloat64(reader.take(8));
    case 0xcc:
    case 0xcd:
    case 0xce:
      return readCount(reader, head - 0xcc);
    case 0xcf:
      return Number(view.getBigUint64(reader.take(8)));
    case 0xd0:
      return view.getInt8(reader.take(1));
    case 0xd1:
      return view.getInt16(reader.take(2));
    case 0xd2:
      return view.getInt32(reader.take(4));
    case 0xd3:
      // Times and ids, and nothing else: more digits than a Number holds, so texts, as in JSON.
      return view.getBigInt64(reader.take(8)).toString();
    case 0xd9:
    case 0xda:
    case 0xdb:
      return reader.textOf(readCount(reader, head - 0xd9));
    case 0xdc:
    case 0xdd:
      return readArray(reader, readCount(reader, head - 0xdb), depth);
    case 0xde:
    case 0xdf:
      return readMap(reader, readCount(reader, head - 0xdd), depth);
    case 0xc1:
      return reader.fail("a value began with byte c1, which begins none");
    default:
      // Extensions of 1, 2, 4, 8 or 16 bytes, and the byte that says which.
      return skip(reader, 1 + (1 << (head - 0xd4)));
  }
}

/** A count of 1, 2 or 4 bytes. */
function readCount(reader: ByteReader, size: number): number {
  const { view } = reader;
  return size === 0 ? reader.byte() : size === 1 ? view.getUint16(reader.take(2)) : view.getUint32(reader.take(4));
}

function readArray(reader: ByteReader, count: number, depth: number): unknown[] {
  if (count > reader.left) reader.fail(`length of an array was ${count} but ${reader.left} bytes are left`);
  const values: unknown[] = [];
  for (let left = count; left > 0; left--) values.push(readValue(reader, depth + 1));
  return values;
}

function readMap(reader: ByteReader, count: number, depth: number): Record<string, unknown> {
  if (count > reader.left / 2) reader.fail(`size of a map was ${count} but ${reader.left} bytes are left`);
  const map: Record<string, unknown> = {};
  for (let left = count; left > 0; left--) {
    const name = readValue(reader, depth + 1);
    if (typeof name !== "string" || name === "__proto__") reader.fail(`a name was '${String(name)}' but must be a text that can name a field`);
    map[name] = readValue(reader, depth + 1);
  }
  return map;
}

/** Bytes that this protocol has no meaning for. */
function skip(reader: ByteReader, count: number): null {
  reader.take(count);
  return null;
}
