import type { Row } from "./protocol.ts";

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  let crc = n;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});
const UTF8 = new TextEncoder();
const DOUBLE = new DataView(new ArrayBuffer(8));

/** The checksum of a state channel as docs/codecs.md defines it: what the server says at the same position must be equal. */
export function checksumOf(rows: Iterable<Row>, key: string): number {
  const compare = isTime(key) ? compareIntegers : compareByCodePoint;
  const sorted = [...rows].sort((a, b) => compareKeys(a[key], b[key], compare));
  let crc = 0xffffffff;
  for (const row of sorted) {
    let text = "";
    for (const name of Object.keys(row).sort(compareByCodePoint)) {
      const value = textOf(row[name]);
      if (value !== undefined) text += `${name}=${value}\n`;
    }
    for (const byte of UTF8.encode(`${text}\n`)) crc = (crc >>> 8) ^ CRC[(crc ^ byte) & 0xff]!;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** Times are texts on the wire but are ordered as numbers; their names end so. */
function isTime(key: string): boolean {
  return key === "time" || key.endsWith("Time");
}

function textOf(value: unknown): string | undefined {
  switch (typeof value) {
    case "number":
      DOUBLE.setFloat64(0, value);
      return `n${hex(DOUBLE.getUint32(0))}${hex(DOUBLE.getUint32(4))}`;
    case "string":
      return `s${value}`;
    case "boolean":
      return value ? "b1" : "b0";
    default:
      return undefined;
  }
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}

function compareKeys(a: unknown, b: unknown, compareTexts: (a: string, b: string) => number): number {
  return typeof a === "number" && typeof b === "number" ? a - b : compareTexts(String(a), String(b));
}

function compareIntegers(a: string, b: string): number {
  const difference = BigInt(a) - BigInt(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** UTF-16 orders some pairs of characters otherwise than their code points. */
function compareByCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a.charCodeAt(i) === b.charCodeAt(i)) continue;
    return rank(a.charCodeAt(i)) - rank(b.charCodeAt(i));
  }
  return a.length - b.length;
}

/** Halves of a pair stand for code points above all single ones. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}
