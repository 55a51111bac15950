import type { ByteReader } from "../byte-reader.ts";

/** How a field is read: it puts what it finds into the object. */
export type ReadField = (reader: ByteReader, wireType: number, into: Record<string, unknown>) => void;
export type Fields = Record<number, ReadField>;

const VARINT = 0;
const EIGHT_BYTES = 1;
const LENGTH = 2;
const FOUR_BYTES = 5;
const CANCELLED = 2147483647;

/** Reads the rest of the present part as a message; fields that are not known are passed over. */
export function readMessage(reader: ByteReader, fields: Fields, into: Record<string, unknown>): void {
  while (reader.left > 0) {
    const tag = reader.varint();
    const field = Math.floor(tag / 8);
    const known = fields[field];
    if (known !== undefined) known(reader, tag & 7, into);
    else skip(reader, tag & 7);
  }
}

/** Reads a length and calls back for the part of so many bytes. */
export function readPart(reader: ByteReader, wireType: number, read: () => void): void {
  expect(reader, wireType, LENGTH);
  const outer = reader.enter(reader.count("length of a part", 1));
  read();
  reader.leave(outer);
}

export function text(name: string): ReadField {
  return (reader, wireType, into) => {
    expect(reader, wireType, LENGTH);
    into[name] = reader.text();
  };
}

export function texts(name: string): ReadField {
  return (reader, wireType, into) => {
    expect(reader, wireType, LENGTH);
    (into[name] as string[]).push(reader.text());
  };
}

export function double(name: string): ReadField {
  return (reader, wireType, into) => {
    expect(reader, wireType, EIGHT_BYTES);
    into[name] = reader.double();
  };
}

export function flag(name: string): ReadField {
  return (reader, wireType, into) => {
    into[name] = readInt64(reader, wireType) !== 0;
  };
}

/** An int64 that a Number holds. */
export function count(name: string): ReadField {
  return (reader, wireType, into) => {
    into[name] = Number(readInt64(reader, wireType));
  };
}

/** An int64 that a Number may not hold: a text, as in JSON. */
export function wide(name: string): ReadField {
  return (reader, wireType, into) => {
    into[name] = readInt64(reader, wireType).toString();
  };
}

/** The version of a trade. */
export function version(name: string): ReadField {
  return (reader, wireType, into) => {
    const value = Number(readInt64(reader, wireType));
    into[name] = value === CANCELLED ? "CANCELLED" : value;
  };
}

/** One of a list, by number. */
export function oneOf(name: string, values: readonly string[]): ReadField {
  return (reader, wireType, into) => {
    const value = Number(readInt64(reader, wireType));
    into[name] = values[value] ?? reader.fail(`${name} was ${value} but there are ${values.length}`);
  };
}

/** An object of its own. */
export function one(name: string, fields: Fields, fresh: () => Record<string, unknown>): ReadField {
  return (reader, wireType, into) => {
    const part = fresh();
    readPart(reader, wireType, () => readMessage(reader, fields, part));
    into[name] = part;
  };
}

function readInt64(reader: ByteReader, wireType: number): number | bigint {
  expect(reader, wireType, VARINT);
  reader.wide();
  const { low, high } = reader;
  if (high < 0x200000) return high * 2 ** 32 + low;
  return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low));
}

function expect(reader: ByteReader, wireType: number, wanted: number): void {
  if (wireType !== wanted) reader.fail(`wire type of a field was ${wireType} but must be ${wanted}`);
}

function skip(reader: ByteReader, wireType: number): void {
  if (wireType === VARINT) reader.wide();
  else if (wireType === EIGHT_BYTES) reader.take(8);
  else if (wireType === LENGTH) reader.take(reader.varint());
  else if (wireType === FOUR_BYTES) reader.take(4);
  else reader.fail(`wire type of a field was ${wireType}, which this form has not`);
}
