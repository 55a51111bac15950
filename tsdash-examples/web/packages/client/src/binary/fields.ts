import type { ByteReader } from "../byte-reader.ts";
import { NO_BASE, RAW_DOUBLE, type RowState } from "./row-state.ts";

export const DOUBLE = 0;
export const LONG = 1;
export const TIME = 2;
export const ID = 3;
export const VERSION = 4;
export const BOOLEAN = 5;
export const TEXT = 6;
export const TEXTS = 7;

/** One mask bit each, and a mask has 63. */
const FIELDS_MAX = 63;
const CANCELLED = 2147483647;
/** All are exact, so that one division rounds correctly. */
const POWERS = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
const ZEROS = "000000000";

export interface FieldSpec {
  kind: number;
  name: string;
  /** Texts that are sent as a number. */
  listed: string[];
}

/** The fields of a snapshot. */
export function readFields(reader: ByteReader): FieldSpec[] {
  const count = reader.count("number of fields", 3);
  if (count > FIELDS_MAX) reader.fail(`number of fields was ${count} but must be at most ${FIELDS_MAX}`);
  const fields: FieldSpec[] = [];
  for (let i = 0; i < count; i++) {
    const kind = reader.byte();
    if (kind > TEXTS) reader.fail(`kind of a field was ${kind} but must be 0 to ${TEXTS}`);
    const name = reader.text();
    if (name === "__proto__") reader.fail("the name of a field was '__proto__', which objects can't have");
    const listed: string[] = [];
    for (let left = reader.count("number of listed values", 1); left > 0; left--) listed.push(reader.text());
    fields.push({ kind, name, listed });
  }
  return fields;
}

/**
 * The value of one field as JSON would say it.
 *
 * @param row what differences build on; it takes the new mantissa
 * @param skipping the row is not the one that the server means: only the length counts
 */
export function readValue(reader: ByteReader, spec: FieldSpec, field: number, row: RowState, skipping: boolean): unknown {
  switch (spec.kind) {
    case DOUBLE:
    case LONG:
    case TIME:
    case ID:
      return readNumber(reader, spec, field, row, skipping);
    case VERSION: {
      const version = reader.varint();
      if (version > CANCELLED) reader.fail(`"${spec.name}" was ${version} but a version is at most ${CANCELLED}`);
      return version === CANCELLED ? "CANCELLED" : version;
    }
    case BOOLEAN: {
      const bit = reader.byte();
      if (bit > 1) reader.fail(`"${spec.name}" was ${bit} but must be 0 or 1`);
      return bit === 1;
    }
    case TEXT: {
      const number = reader.varint();
      if (number === 0) return reader.text();
      if (number > spec.listed.length) {
        reader.fail(`"${spec.name}" was listed value ${number} but ${spec.listed.length} are listed`);
      }
      return spec.listed[number - 1]!;
    }
    default: {
      const texts: string[] = [];
      for (let left = reader.count("number of texts", 1); left > 0; left--) texts.push(reader.text());
      return texts;
    }
  }
}

function readNumber(reader: ByteReader, { kind, name }: FieldSpec, field: number, row: RowState, skipping: boolean): unknown {
  reader.wide();
  const absolute = (reader.low & 1) === 1;
  reader.halve();
  let mantissa: number | bigint;
  let scale: number;
  if (absolute) {
    scale = reader.high === 0 ? reader.low : Number.POSITIVE_INFINITY;
    if (kind === DOUBLE && scale === RAW_DOUBLE) {
      row.setMantissa(field, 0, RAW_DOUBLE);
      return reader.double();
    }
    if (!isScaleOf(kind, scale)) reader.fail(`"${name}" had scale ${scale}, which its kind (${kind}) does not have`);
    reader.wide();
    mantissa = reader.signed();
  } else {
    const difference = reader.signed();
    scale = row.scales[field]!;
    if (scale === NO_BASE || scale === RAW_DOUBLE) {
      if (skipping) return 0;
      reader.fail(`"${name}" was a difference, but the client has no value with a mantissa to add it to`);
    }
    mantissa = sum(row.mantissa(field), difference);
  }
  if (kind === DOUBLE) {
    if (typeof mantissa === "bigint") {
      if (skipping) return 0;
      reader.fail(`"${name}" had mantissa ${mantissa}, which a double does not hold`);
    }
    row.setMantissa(field, mantissa, scale);
    return mantissa / POWERS[scale]!;
  }
  row.setMantissa(field, mantissa, scale);
  if (kind === LONG) return Number(mantissa);
  if (kind === ID || scale === 9) return mantissa.toString();
  return mantissa === 0 ? "0" : mantissa.toString() + ZEROS.slice(scale);
}

function isScaleOf(kind: number, scale: number): boolean {
  if (kind === DOUBLE) return scale < POWERS.length;
  return scale === 0 || (kind === TIME && scale <= ZEROS.length);
}

/** Sums of 64 bits, which wrap. */
function sum(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === "number" && typeof b === "number") {
    const numbers = a + b;
    if (Number.isSafeInteger(numbers)) return numbers;
  }
  const wide = BigInt.asIntN(64, BigInt(a) + BigInt(b));
  const narrow = Number(wide);
  return Number.isSafeInteger(narrow) ? narrow : wide;
}
