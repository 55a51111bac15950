/**
 * A server's side of the compact binary form, written from docs/codecs.md alone and in the plainest way: it proves that the page says enough,
 * and lets the decoder be tested without a server.
 */
export type Value = number | string | boolean | string[] | bigint;
export type Values = Record<string, Value>;

export interface FieldModel {
  kind: "DOUBLE" | "LONG" | "TIME" | "ID" | "VERSION" | "BOOLEAN" | "TEXT" | "TEXTS";
  name: string;
  listed?: string[];
}

const KINDS = ["DOUBLE", "LONG", "TIME", "ID", "VERSION", "BOOLEAN", "TEXT", "TEXTS"];
const REASONS = ["SUBSCRIBED", "RESET", "SLOW"];

interface Base {
  mantissa: bigint;
  scale: number;
}

/** What the encoder and the decoder both know of a row. */
export interface RowBase {
  values: Values;
  bases: Map<string, Base>;
}

export class ByteWriter {
  readonly bytes: number[] = [];

  byte(value: number): this {
    this.bytes.push(value);
    return this;
  }

  varint(value: number | bigint): this {
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest >= 128n) {
      this.bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    this.bytes.push(Number(rest));
    return this;
  }

  text(value: string): this {
    const utf8 = new TextEncoder().encode(value);
    this.varint(utf8.length);
    this.bytes.push(...utf8);
    return this;
  }

  double(value: number): this {
    const eight = new Uint8Array(8);
    new DataView(eight.buffer).setFloat64(0, value, true);
    this.bytes.push(...eight);
    return this;
  }

  take(): Uint8Array {
    return Uint8Array.from(this.bytes);
  }
}

export const zigzag = (value: bigint): bigint => BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));

/** The shortest decimal of a double as mantissa and scale; undefined where it has none within the limits. */
function decimalOf(value: number): Base | undefined {
  if (Object.is(value, -0)) return undefined;
  const [digits, exponent] = value.toExponential().split("e");
  const [whole, fraction = ""] = digits!.split(".");
  let mantissa = BigInt(whole! + fraction);
  let scale = fraction.length - Number(exponent);
  for (; scale < 0; scale++) mantissa *= 10n;
  return scale <= 22 && abs(mantissa) < 1n << 50n ? { mantissa, scale } : undefined;
}

function timeOf(nanos: bigint): Base {
  for (let scale = 0; scale < 9; scale++) {
    const unit = 10n ** BigInt(9 - scale);
    if (nanos % unit === 0n) return { mantissa: nanos / unit, scale };
  }
  return { mantissa: nanos, scale: 9 };
}

export class BinaryEncoder {
  readonly out = new ByteWriter();

  frame(): Uint8Array {
    return this.out.take();
  }

  snapshot(id: number, channel: string, epoch: string, seq: number, reason: string, key: number, fields: FieldModel[], rows: number): void {
    this.out.varint(id * 4 + 1).text(channel).text(epoch).varint(seq).byte(REASONS.indexOf(reason)).varint(key + 1).varint(fields.length);
    for (const { kind, name, listed = [] } of fields) {
      this.out.byte(KINDS.indexOf(kind)).text(name).varint(listed.length);
      for (const each of listed) this.out.text(each);
    }
    this.out.varint(rows);
  }

  resumed(id: number, channel: string, epoch: string, seq: number): void {
    this.out.varint(id * 4 + 2).text(channel).text(epoch).varint(seq);
  }

  delta(id: number, prev: number, seq: number): void {
    this.out.varint(id * 4).varint(BigInt(seq - prev - 1) * 64n + BigInt(prev % 64));
  }

  other(message: object): void {
    this.out.varint(3).text(JSON.stringify(message));
  }

  /**
   * A body that turns `base` into `values`.
   *
   * @param written names of the fields to write; of these, the absent ones vanish
   */
  body(fields: FieldModel[], base: RowBase, values: Values, written: Set<string>): void {
    let mask = 0n;
    let vanished = 0n;
    fields.forEach(({ name }, n) => {
      if (!written.has(name)) return;
      if (values[name] !== undefined) mask |= 1n << BigInt(n);
      else vanished |= 1n << BigInt(n);
    });
    this.out.varint((mask << 1n) | (vanished === 0n ? 0n : 1n));
    if (vanished !== 0n) this.out.varint(vanished);
    fields.forEach((field, n) => {
      if ((vanished >> BigInt(n)) & 1n) base.bases.delete(field.name);
      if ((mask >> BigInt(n)) & 1n) this.value(field, base, values[field.name]!);
    });
    base.values = values;
  }

  private value({ kind, name, listed = [] }: FieldModel, { bases }: RowBase, value: Value): void {
    switch (kind) {
      case "BOOLEAN":
        this.out.byte(value === true ? 1 : 0);
        return;
      case "VERSION":
        this.out.varint(value === "CANCELLED" ? 2147483647 : (value as number));
        return;
      case "TEXT": {
        const at = listed.indexOf(value as string);
        this.out.varint(at + 1);
        if (at < 0) this.out.text(value as string);
        return;
      }
      case "TEXTS":
        this.out.varint((value as string[]).length);
        for (const text of value as string[]) this.out.text(text);
        return;
      case "DOUBLE": {
        const decimal = decimalOf(value as number);
        if (decimal !== undefined) return this.number(bases, name, decimal);
        bases.delete(name);
        this.out.varint(63 * 2 + 1).double(value as number);
        return;
      }
      case "TIME":
        return this.number(bases, name, timeOf(value as bigint));
      default:
        return this.number(bases, name, { mantissa: BigInt(value as number | bigint), scale: 0 });
    }
  }

  private number(bases: Map<string, Base>, name: string, { mantissa, scale }: Base): void {
    const before = bases.get(name);
    // At the coarser of two scales a value may still be told as a difference at the finer one.
    if (before !== undefined && before.scale >= scale) {
      const scaled = mantissa * 10n ** BigInt(before.scale - scale);
      const difference = zigzag(BigInt.asIntN(64, scaled - before.mantissa));
      if (difference < 1n << 62n && (before.scale === scale || abs(scaled) < 1n << 50n)) {
        this.out.varint(difference << 1n);
        bases.set(name, { mantissa: scaled, scale: before.scale });
        return;
      }
    }
    bases.set(name, { mantissa, scale });
    this.out.varint(scale * 2 + 1).varint(zigzag(mantissa));
  }
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}
