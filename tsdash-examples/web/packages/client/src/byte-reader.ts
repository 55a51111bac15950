import { FrameError } from "./codec.ts";

const TWO_32 = 2 ** 32;
/** Texts up to this length are read by hand while they are ASCII: faster than TextDecoder. */
const SHORT_TEXT = 32;
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads the primitives of the binary forms. What is claimed is checked against the bytes that are left, so that a wrong frame costs no
 * more memory than a right one of its length.
 */
export class ByteReader {
  /** What is being read, for errors. */
  where = "frame";
  /** The last varint of {@link wide}, in two halves without sign. */
  low = 0;
  high = 0;
  readonly view: DataView;
  private readonly bytes: Uint8Array;
  private at = 0;
  private end: number;

  /** @throws FrameError when the frame was text */
  static of(frame: unknown, subprotocol: string): ByteReader {
    if (ArrayBuffer.isView(frame)) return new ByteReader(new Uint8Array(frame.buffer, frame.byteOffset, frame.byteLength));
    // Not instanceof: the buffer may come from another realm.
    if (Object.prototype.toString.call(frame) === "[object ArrayBuffer]") return new ByteReader(new Uint8Array(frame as ArrayBuffer));
    throw new FrameError(`frame was text but frames of ${subprotocol} are binary`);
  }

  private constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.end = bytes.length;
  }

  get left(): number {
    return this.end - this.at;
  }

  fail(rule: string): never {
    throw new FrameError(`at byte ${this.at} of ${this.bytes.length}, ${this.where}: ${rule}`);
  }

  byte(): number {
    if (this.at >= this.end) this.fail("the frame or part ends, but a byte was to follow");
    return this.bytes[this.at++]!;
  }

  /** A varint that must fit a Number exactly: lengths, sequences, numbers of rows and channels. */
  varint(): number {
    const first = this.bytes[this.at]!;
    if (first < 0x80 && this.at < this.end) {
      this.at++;
      return first;
    }
    this.wide();
    if (this.high >= 0x200000) this.fail(`varint was ${this.high * TWO_32 + this.low} but must be below 2^53`);
    return this.high * TWO_32 + this.low;
  }

  /** A varint of 64 bits, into {@link low} and {@link high}. */
  wide(): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else if (shift < 63) high |= bits << (shift - 32);
      else {
        if (byte > 1) this.fail("varint was longer than 64 bits");
        high |= bits << 31;
      }
      if (byte < 0x80) break;
    }
    this.low = low >>> 0;
    this.high = high >>> 0;
  }

  /** Drops the lowest bit of what {@link wide} read. */
  halve(): void {
    this.low = ((this.low >>> 1) | (this.high << 31)) >>> 0;
    this.high >>>= 1;
  }

  /** What {@link wide} read as a signed number, a BigInt only where a Number is not exact. */
  signed(): number | bigint {
    const negative = (this.low & 1) === 1;
    this.halve();
    if (this.high < 0x1fffff) {
      const size = this.high * TWO_32 + this.low;
      return negative ? -size - 1 : size;
    }
    const size = (BigInt(this.high) << 32n) | BigInt(this.low);
    return negative ? -size - 1n : size;
  }

  double(): number {
    return this.view.getFloat64(this.take(8), true);
  }

  /** Passes over so many bytes; returns where in {@link view} they are. */
  take(count: number): number {
    if (count > this.left) this.fail(`${this.left} bytes are left, but ${count} were to follow`);
    this.at += count;
    return this.at - count;
  }

  /** Begins a part of so many bytes, behind which nothing is read until {@link leave} is given the result. */
  enter(length: number): number {
    const outer = this.end;
    this.end = this.at + length;
    return outer;
  }

  leave(outer: number): void {
    this.at = this.end;
    this.end = outer;
  }

  text(): string {
    return this.textOf(this.count("text length", 1));
  }

  textOf(length: number): string {
    const begin = this.take(length);
    const end = begin + length;
    if (length <= SHORT_TEXT) {
      let text = "";
      let i = begin;
      for (; i < end && this.bytes[i]! < 0x80; i++) text += String.fromCharCode(this.bytes[i]!);
      if (i === end) return text;
    }
    try {
      return UTF8.decode(this.bytes.subarray(begin, end));
    } catch {
      this.at = begin;
      return this.fail(`a text of ${length} bytes was no UTF-8`);
    }
  }

  /** A varint that says how many things follow, each of at least `bytesEach` bytes. */
  count(what: string, bytesEach: number): number {
    const count = this.varint();
    if (count > this.left / bytesEach) this.fail(`${what} was ${count} but ${this.left} bytes are left`);
    return count;
  }
}
