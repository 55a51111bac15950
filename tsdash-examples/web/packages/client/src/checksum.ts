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
  const sorted = [...rows].map((row): [string, Row] => [String(row[key]), row]).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  let crc = 0xffffffff;
  for (const [, row] of sorted) {
    let text = "";
    for (const name of Object.keys(row).sort()) {
      const value = textOf(row[name]);
      if (value !== undefined) text += `${name}=${value}\n`;
    }
    for (const byte of UTF8.encode(`${text}\n`)) crc = (crc >>> 8) ^ CRC[(crc ^ byte) & 0xff]!;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** Undefined for what is not present. */
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
      return Array.isArray(value) ? `l${[value.length, ...value].join(",")}` : undefined;
  }
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}
