import type { Delta, Row } from "../protocol.ts";
import type { ByteReader } from "../byte-reader.ts";
import { ID, LONG, TEXT, TIME, readValue, type FieldSpec } from "./fields.ts";
import { NO_BASE, RowState } from "./row-state.ts";

/** The lowest six bits of the sequence are sent with each delta. */
const CHECKED = 64;

/** What the client knows of one channel in the compact binary form: its fields, and what differences build on. */
export class ChannelState {
  readonly name: string;
  readonly epoch: string;
  /** Whether its deltas can't be read until the server begins the channel anew. */
  lost = false;
  private seq: number;
  private readonly keyField: number;
  private readonly fields: FieldSpec[];
  private readonly rows = new Map<number, RowState>();
  /** The newest row of a log. */
  private readonly newest: RowState;

  /** @param keyField number of the key field; -1 on a log */
  constructor(name: string, epoch: string, seq: number, keyField: number, fields: FieldSpec[]) {
    this.name = name;
    this.epoch = epoch;
    this.seq = seq;
    this.keyField = keyField;
    this.fields = fields;
    this.newest = new RowState(fields.length);
  }

  get key(): string | undefined {
    return this.fields[this.keyField]?.name;
  }

  isAt(epoch: string, seq: number): boolean {
    return this.epoch === epoch && this.seq === seq;
  }

  /** The rows of a snapshot. */
  readAll(reader: ByteReader): Row[] {
    const rows: Row[] = [];
    for (let left = reader.count("number of rows", 1); left > 0; left--) {
      if (this.keyField < 0) {
        this.newest.clear();
        rows.push(this.readLogRow(reader, this.newest, false));
        continue;
      }
      const number = reader.varint();
      if (this.rows.has(number)) reader.fail(`row ${number} comes twice in a snapshot`);
      rows.push(this.readStateRow(reader, number));
    }
    return rows;
  }

  /** A delta, or undefined when it does not follow: it is passed over, and the channel is lost. */
  readDelta(reader: ByteReader): Delta | undefined {
    const head = reader.varint();
    const changes = Math.floor(head / CHECKED) + 1;
    if (head % CHECKED !== this.seq % CHECKED) this.lost = true;
    if (this.keyField < 0 && changes > reader.left) reader.fail(`number of rows was ${changes} but ${reader.left} bytes are left`);
    if (this.lost) {
      this.skipDelta(reader, changes);
      return undefined;
    }
    const prev = this.seq;
    if (prev + changes > Number.MAX_SAFE_INTEGER) reader.fail(`sequence was ${prev} + ${changes} but must be below 2^53`);
    const rows = this.keyField < 0 ? this.readLogRows(reader, changes) : this.readStateRows(reader);
    this.seq = prev + changes;
    return { type: "delta", channel: this.name, prev, seq: this.seq, rows };
  }

  private readLogRows(reader: ByteReader, count: number): Row[] {
    const rows: Row[] = [];
    for (let left = count; left > 0; left--) rows.push(this.readLogRow(reader, this.newest, false));
    return rows;
  }

  private readLogRow(reader: ByteReader, state: RowState, skipping: boolean): Row {
    const row: Row = {};
    this.readBody(reader, state, row, skipping);
    return row;
  }

  private readStateRows(reader: ByteReader): Row[] {
    const rows: Row[] = [];
    for (;;) {
      const head = reader.varint();
      const number = Math.floor(head / 4);
      if ((head & 2) === 0) rows.push(this.readStateRow(reader, number));
      else this.remove(number, rows);
      if ((head & 1) === 0) return rows;
    }
  }

  private remove(number: number, rows: Row[]): void {
    const state = this.rows.get(number);
    // A row that came and went since the last delta was never here.
    if (state === undefined) return;
    this.rows.delete(number);
    rows.push({ [this.key!]: state.key, removed: true });
  }

  private readStateRow(reader: ByteReader, number: number): Row {
    const known = this.rows.get(number);
    const state = known ?? new RowState(this.fields.length);
    const row: Row = {};
    // The key first: whoever reads the row should find it there.
    if (known !== undefined) row[this.key!] = known.key;
    this.readBody(reader, state, row, false);
    const key = row[this.key!];
    if (typeof key !== "string" && typeof key !== "number") reader.fail(`row ${number} is new but has no "${this.key}", its key`);
    if (known !== undefined && known.key !== key) reader.fail(`row ${number} was "${known.key}" but came as "${key}"`);
    state.key = key;
    this.rows.set(number, state);
    return row;
  }

  private readBody(reader: ByteReader, state: RowState, row: Row, skipping: boolean): void {
    const log = this.keyField < 0;
    reader.wide();
    const vanishing = (reader.low & 1) === 1;
    reader.halve();
    const low = reader.low;
    const high = reader.high;
    if (vanishing) this.readVanished(reader, state, row);
    this.checkMask(reader, low, high);
    const count = this.fields.length;
    for (let field = 0; field < count; field++) {
      if (!hasBit(low, high, field)) continue;
      const spec = this.fields[field]!;
      const value = readValue(reader, spec, field, state, skipping);
      if (log) state.values[field] = value;
      else row[spec.name] = value;
    }
    if (!log || skipping) return;
    for (let field = 0; field < count; field++) {
      const value = state.values[field];
      if (value !== undefined) row[this.fields[field]!.name] = value;
    }
  }

  private readVanished(reader: ByteReader, state: RowState, row: Row): void {
    reader.wide();
    const { low, high } = reader;
    this.checkMask(reader, low, high);
    for (let field = 0; field < this.fields.length; field++) {
      if (!hasBit(low, high, field)) continue;
      state.scales[field] = NO_BASE;
      if (this.keyField < 0) state.values[field] = undefined;
      else row[this.fields[field]!.name] = null;
    }
  }

  private checkMask(reader: ByteReader, low: number, high: number): void {
    const count = this.fields.length;
    const beyond = count >= 32 ? (count >= 64 ? 0 : high >>> (count - 32)) : high !== 0 ? 1 : low >>> count;
    if (beyond !== 0) reader.fail(`a mask names fields beyond the ${count} that there are`);
  }

  private skipDelta(reader: ByteReader, changes: number): void {
    const scratch = new RowState(this.fields.length);
    if (this.keyField < 0) {
      for (let left = changes; left > 0; left--) this.readLogRow(reader, scratch, true);
      return;
    }
    for (let head = 1; (head & 1) === 1; ) {
      head = reader.varint();
      if ((head & 2) === 0) this.readBody(reader, scratch, {}, true);
    }
  }
}

/** Kinds that can tell rows apart. */
export function isKeyKind(kind: number): boolean {
  return kind === TEXT || kind === LONG || kind === TIME || kind === ID;
}

function hasBit(low: number, high: number, bit: number): boolean {
  return ((bit < 32 ? low >>> bit : high >>> (bit - 32)) & 1) === 1;
}
