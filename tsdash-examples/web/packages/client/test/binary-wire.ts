import { BinaryEncoder, type FieldModel, type RowBase, type Values } from "./binary-encoder.ts";

interface Told {
  id: number;
  rows: Map<string, RowBase>;
}

/** Sends messages of channels of bars, as JSON would bring them, in the compact binary form: one server over all connections. */
export class BinaryWire {
  private readonly fields: FieldModel[];
  private readonly numbers = new Map<string, number>();
  private told = new Map<string, Told>();

  /** @param fields the first is the key, a TIME */
  constructor(fields: FieldModel[]) {
    this.fields = fields;
  }

  newSession(): void {
    this.told = new Map();
  }

  frame(messages: any[]): Uint8Array {
    const encoder = new BinaryEncoder();
    for (const message of messages) this.write(encoder, message);
    return encoder.frame();
  }

  private write(encoder: BinaryEncoder, message: any): void {
    switch (message.type) {
      case "snapshot": {
        const told = this.begin(message.channel);
        encoder.snapshot(told.id, message.channel, message.epoch, message.seq, message.reason, 0, this.fields, message.rows.length);
        for (const row of message.rows) {
          encoder.out.varint(this.number(message.channel, row));
          this.body(encoder, told, row);
        }
        return;
      }
      case "resumed":
        encoder.resumed(this.begin(message.channel).id, message.channel, message.epoch, message.seq);
        return;
      case "delta": {
        const told = this.told.get(message.channel)!;
        encoder.delta(told.id, message.prev, message.seq);
        message.rows.forEach((row: any, i: number) => {
          const follows = i < message.rows.length - 1 ? 1 : 0;
          encoder.out.varint(this.number(message.channel, row) * 4 + follows + (row.removed === true ? 2 : 0));
          if (row.removed === true) told.rows.delete(row.openTime);
          else this.body(encoder, told, row);
        });
        return;
      }
      default:
        encoder.other(message);
    }
  }

  /** After this nothing is taken for granted: the first word on each row is absolute and names its key. */
  private begin(channel: string): Told {
    const told = { id: this.told.size + 1, rows: new Map() };
    this.told.set(channel, told);
    return told;
  }

  private body(encoder: BinaryEncoder, told: Told, row: any): void {
    const known = told.rows.get(row.openTime);
    const base: RowBase = known ?? { values: {}, bases: new Map() };
    const values: Values = { ...base.values };
    const written = new Set<string>();
    for (const { name, kind } of this.fields) {
      if (row[name] === undefined || (name === "openTime" && known !== undefined)) continue;
      written.add(name);
      if (row[name] === null) delete values[name];
      else values[name] = kind === "TIME" ? BigInt(row[name]) : row[name];
    }
    encoder.body(this.fields, base, values, written);
    told.rows.set(row.openTime, base);
  }

  private number(channel: string, row: any): number {
    const key = `${channel} ${row.openTime}`;
    if (!this.numbers.has(key)) this.numbers.set(key, this.numbers.size);
    return this.numbers.get(key)!;
  }
}
