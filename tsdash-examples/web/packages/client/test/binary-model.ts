import type { Row, ServerMessage } from "../src/index.ts";
import { BinaryEncoder, type FieldModel, type RowBase, type Value, type Values } from "./binary-encoder.ts";

type Random = () => number;

const below = (random: Random, limit: number) => Math.floor(random() * limit);
const pick = <T>(random: Random, from: readonly T[]): T => from[below(random, from.length)]!;

const TEXTS = ["", "AAPL", "BUY", "SELL", "zażółć gęślą jaźń", "価格🙂", "x".repeat(200), "\u0000\u007f\u0080"];
const DOUBLES = [0, -0, 1, -1, 150.25, 0.1, 1e-22, 1e22, 1e23, 5e-324, Number.MAX_VALUE, -2.5e-9, 1 / 3, 123456.789, 2 ** 50, 2 ** 53];
const LONGS = [0, 1, -1, 42, 2 ** 31, -(2 ** 40), 2 ** 53 - 1];
const TIMES = [0n, 1n, 1723161255342000000n, 1723161255342123000n, 1723161255342123456n, 1723161255000000000n, (1n << 63n) - 1n, -(1n << 63n), -5000n];
const IDS = [0n, 1n, -1n, 3141592653n, (1n << 53n) + 1n, (1n << 63n) - 1n, -(1n << 63n)];

function valueOf(random: Random, { kind, listed = [] }: FieldModel): Value {
  switch (kind) {
    case "DOUBLE":
      return random() < 0.5 ? pick(random, DOUBLES) : Math.round(random() * 1e6) / 10 ** below(random, 6);
    case "LONG":
      return random() < 0.5 ? pick(random, LONGS) : below(random, 1000);
    case "TIME":
      return random() < 0.5 ? pick(random, TIMES) : 1723161255000000000n + BigInt(below(random, 1e9)) * 10n ** BigInt(below(random, 4) * 3);
    case "ID":
      return random() < 0.5 ? pick(random, IDS) : BigInt(below(random, 1e9));
    case "VERSION":
      return random() < 0.3 ? "CANCELLED" : below(random, 300);
    case "BOOLEAN":
      return random() < 0.5;
    case "TEXT":
      return listed.length > 0 && random() < 0.7 ? pick(random, listed) : pick(random, TEXTS);
    case "TEXTS":
      return Array.from({ length: below(random, 4) }, () => pick(random, TEXTS));
  }
}

function jsonOf({ kind }: FieldModel, value: Value): unknown {
  return kind === "TIME" || kind === "ID" ? String(value) : value;
}

function fieldsOf(random: Random, keyed: boolean): FieldModel[] {
  const count = random() < 0.1 ? 63 : 1 + below(random, 40);
  const kinds = ["DOUBLE", "LONG", "TIME", "ID", "VERSION", "BOOLEAN", "TEXT", "TEXTS"] as const;
  return Array.from({ length: count }, (_, n) => {
    const kind = n === 0 && keyed ? pick(random, ["TEXT", "TIME", "LONG"] as const) : pick(random, kinds);
    return { kind, name: `f${n}`, ...(kind === "TEXT" && random() < 0.5 ? { listed: ["OPEN", "CLOSED", "REVISED"] } : {}) };
  });
}

/**
 * A channel with random fields, rows and changes, told in the compact form and, beside it, as the messages that JSON would bring.
 */
export class ModelChannel {
  readonly name: string;
  readonly id: number;
  readonly epoch = "e1";
  seq: number;
  private readonly random: Random;
  private readonly keyed: boolean;
  private readonly fields: FieldModel[];
  private rows = new Map<number, RowBase>();
  private newest: RowBase = { values: {}, bases: new Map() };
  private nextRow = 0;

  constructor(name: string, id: number, random: Random) {
    this.name = name;
    this.id = id;
    this.random = random;
    this.seq = pick(random, [0, 5, 62, 63, 64, 2 ** 40 - 3]);
    this.keyed = random() < 0.6;
    this.fields = fieldsOf(random, this.keyed);
  }

  snapshot(encoder: BinaryEncoder): ServerMessage {
    const count = below(this.random, 5);
    encoder.snapshot(this.id, this.name, this.epoch, this.seq, "SUBSCRIBED", this.keyed ? 0 : -1, this.fields, count);
    const rows: Row[] = [];
    this.rows.clear();
    this.newest = { values: {}, bases: new Map() };
    for (let i = 0; i < count; i++) {
      const base: RowBase = { values: {}, bases: new Map() };
      const values = this.values();
      if (this.keyed) {
        const number = this.nextRow++;
        encoder.out.varint(number);
        this.rows.set(number, base);
      } else this.newest = base;
      encoder.body(this.fields, base, values, new Set(Object.keys(values)));
      rows.push(this.json(values));
    }
    const key = this.keyed ? { key: "f0" } : {};
    return { type: "snapshot", channel: this.name, epoch: this.epoch, seq: this.seq, reason: "SUBSCRIBED", ...key, rows };
  }

  delta(encoder: BinaryEncoder): ServerMessage {
    const prev = this.seq;
    const rows: Row[] = [];
    const changes = 1 + below(this.random, 4);
    this.seq += this.keyed ? changes + below(this.random, 100) : changes;
    encoder.delta(this.id, prev, this.seq);
    for (let i = 0; i < changes; i++) {
      if (this.keyed) this.stateRow(encoder, i < changes - 1, rows);
      else this.logRow(encoder, rows);
    }
    return { type: "delta", channel: this.name, prev, seq: this.seq, rows };
  }

  private stateRow(encoder: BinaryEncoder, more: boolean, rows: Row[]): void {
    const known = [...this.rows.keys()];
    const follows = more ? 1 : 0;
    if (known.length === 0 || this.random() < 0.2) {
      const number = this.nextRow++;
      const base: RowBase = { values: {}, bases: new Map() };
      const values = this.values();
      encoder.out.varint(number * 4 + follows);
      encoder.body(this.fields, base, values, new Set(Object.keys(values)));
      this.rows.set(number, base);
      rows.push(this.json(values));
      return;
    }
    const number = pick(this.random, known);
    const base = this.rows.get(number)!;
    if (this.random() < 0.15) {
      encoder.out.varint(number * 4 + 2 + follows);
      this.rows.delete(number);
      rows.push({ f0: jsonOf(this.fields[0]!, base.values["f0"]!), removed: true });
      return;
    }
    encoder.out.varint(number * 4 + follows);
    const fresh = this.values();
    const written = new Set(this.fields.slice(1).filter(() => this.random() < 0.5).map(({ name }) => name));
    const next: Values = { ...base.values };
    const row: Row = { f0: jsonOf(this.fields[0]!, base.values["f0"]!) };
    for (const field of this.fields) {
      const { name } = field;
      if (!written.has(name)) continue;
      const value = fresh[name];
      if (value === undefined) delete next[name];
      else next[name] = value;
      row[name] = value === undefined ? null : jsonOf(field, value);
    }
    encoder.body(this.fields, base, next, written);
    rows.push(row);
  }

  private logRow(encoder: BinaryEncoder, rows: Row[]): void {
    const values = this.values();
    const before = this.newest.values;
    // What stays as it is need not be said again.
    const written = this.fields.map(({ name }) => name).filter((name) => values[name] !== before[name] || this.random() < 0.3);
    for (const { name } of this.fields) if (!written.includes(name) && before[name] !== undefined) values[name] = before[name];
    const named = written.filter((name) => values[name] !== undefined || before[name] !== undefined);
    encoder.body(this.fields, this.newest, values, new Set(named));
    rows.push(this.json(values));
  }

  private values(): Values {
    const values: Values = {};
    for (const field of this.fields) {
      if (field.name === "f0" && this.keyed) values["f0"] = this.freshKey(field);
      else if (this.random() < 0.8) values[field.name] = valueOf(this.random, field);
    }
    return values;
  }

  private freshKey({ kind }: FieldModel): Value {
    const number = this.nextRow * 1000 + below(this.random, 1000);
    return kind === "TEXT" ? `K${number}` : kind === "TIME" ? 1723161255000000000n + BigInt(number) : number;
  }

  private json(values: Values): Row {
    const row: Row = {};
    for (const field of this.fields) {
      const value = values[field.name];
      if (value !== undefined) row[field.name] = jsonOf(field, value);
    }
    return row;
  }
}
