import { describe, expect, test } from "vitest";
import { binaryCodec, FrameError, type FrameDecoder, type ServerMessage } from "../src/index.ts";
import { BinaryEncoder, ByteWriter, type FieldModel } from "./binary-encoder.ts";
import { ModelChannel } from "./binary-model.ts";
import { seeded } from "./seeded.ts";

const PRICE: FieldModel[] = [
  { kind: "TEXT", name: "symbol" },
  { kind: "DOUBLE", name: "price" },
  { kind: "TEXT", name: "side", listed: ["BUY", "SELL"] },
];
const TRADE: FieldModel[] = [
  { kind: "TIME", name: "time" },
  { kind: "ID", name: "id" },
  { kind: "DOUBLE", name: "price" },
  { kind: "VERSION", name: "version" },
];

function decoderWith(...frames: Uint8Array[]): FrameDecoder {
  const decoder = binaryCodec().newDecoder();
  for (const frame of frames) decoder.decode(frame);
  return decoder;
}

/** prices:AAPL with the number 7 at sequence 15 and price 150.25. */
function priceSnapshot(seq = 15, epoch = "k3f"): Uint8Array {
  const encoder = new BinaryEncoder();
  encoder.snapshot(7, "prices:AAPL", epoch, seq, "SUBSCRIBED", 0, PRICE, 1);
  encoder.out.varint(0).varint(0b111 << 1).varint(0).text("AAPL");
  encoder.out.varint(2 * 2 + 1).varint(15025 * 2).varint(2);
  return encoder.frame();
}

function priceDelta(prev: number, seq: number, cents: number): Uint8Array {
  const encoder = new BinaryEncoder();
  encoder.delta(7, prev, seq);
  encoder.out.varint(0).varint(0b010 << 1).varint((cents < 0 ? -cents * 2 - 1 : cents * 2) * 2);
  return encoder.frame();
}

describe("the compact binary form", () => {
  test("reads a snapshot and the difference that follows it", () => {
    const decoder = binaryCodec().newDecoder();
    expect(decoder.decode(priceSnapshot())).toEqual([
      {
        type: "snapshot",
        channel: "prices:AAPL",
        epoch: "k3f",
        seq: 15,
        reason: "SUBSCRIBED",
        key: "symbol",
        rows: [{ symbol: "AAPL", price: 150.25, side: "SELL" }],
      },
    ]);
    expect(decoder.decode(priceDelta(15, 18, 1))).toEqual([
      { type: "delta", channel: "prices:AAPL", prev: 15, seq: 18, rows: [{ symbol: "AAPL", price: 150.26 }] },
    ]);
  });

  test("reads bytes in any wrapping and refuses text", () => {
    const bytes = priceSnapshot();
    const padded = new Uint8Array(bytes.length + 9);
    padded.set(bytes, 4);
    for (const frame of [bytes, bytes.slice().buffer, Buffer.from(bytes), padded.subarray(4, 4 + bytes.length)]) {
      expect(binaryCodec().newDecoder().decode(frame)).toHaveLength(1);
    }
    expect(() => binaryCodec().newDecoder().decode("[]")).toThrow(FrameError);
  });

  test("brings times, ids and cancels as JSON does, with all their digits", () => {
    const encoder = new BinaryEncoder();
    encoder.snapshot(1, "trades:A", "e", 0, "SUBSCRIBED", -1, TRADE, 0);
    const rows = [
      { time: 1723161255342123456n, id: (1n << 63n) - 1n, price: 0.1, version: "CANCELLED" },
      { time: 1723161255342123457n, id: -(1n << 63n), price: 0.3, version: 2 },
      { time: 1723161255343000000n, id: 7n, price: 1e300, version: 2 },
      { time: 0n, id: 0n, price: -0, version: 0 },
    ];
    encoder.delta(1, 0, rows.length);
    const base = { values: {}, bases: new Map() };
    for (const row of rows) encoder.body(TRADE, base, row, new Set(Object.keys(row)));
    const delta = binaryCodec().newDecoder().decode(encoder.frame())[1];
    expect(delta).toEqual({
      type: "delta",
      channel: "trades:A",
      prev: 0,
      seq: 4,
      rows: rows.map((row) => ({ ...row, time: String(row.time), id: String(row.id) })),
    });
  });

  test("says what JSON would say, whatever the fields, rows and changes", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = seeded(seed);
      const channels = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, n) => new ModelChannel(`c:${n}`, n * 50, random));
      const decoder = binaryCodec().newDecoder();
      const first = new BinaryEncoder();
      const expected: ServerMessage[] = channels.map((channel) => channel.snapshot(first));
      expect(decoder.decode(first.frame()), `seed ${seed}`).toEqual(expected);
      for (let step = 0; step < 20; step++) {
        const encoder = new BinaryEncoder();
        const messages = channels.filter(() => random() < 0.7).map((channel) => {
          return random() < 0.05 ? channel.snapshot(encoder) : channel.delta(encoder);
        });
        if (random() < 0.2) {
          const heartbeat: ServerMessage = { type: "heartbeat", time: "1", conflated: step };
          encoder.other(heartbeat);
          messages.push(heartbeat);
        }
        expect(decoder.decode(encoder.frame()), `seed ${seed}, step ${step}`).toEqual(messages);
      }
      // The connection is cut: a new one gives new numbers to what the client has.
      decoder.begin(channels.map(({ name }) => name));
      const again = new BinaryEncoder();
      const resumed = channels.flatMap((channel) => {
        const { name, epoch, seq } = channel;
        again.resumed(channel.id, name, epoch, seq);
        return [{ type: "resumed", channel: name, epoch, seq }, channel.delta(again)];
      });
      expect(decoder.decode(again.frame()), `seed ${seed}, resumed`).toEqual(resumed);
    }
  });
});

describe("what does not follow", () => {
  test("says once that a delta is missing, and nothing of the channel until it begins anew", () => {
    const decoder = decoderWith(priceSnapshot());
    expect(decoder.decode(priceDelta(16, 17, 1))).toEqual([{ type: "gap", channel: "prices:AAPL", resumable: true }]);
    expect(decoder.decode(priceDelta(15, 18, 1))).toEqual([]);
    const encoder = new BinaryEncoder();
    encoder.resumed(9, "prices:AAPL", "k3f", 15);
    expect(decoder.decode(encoder.frame())).toEqual([{ type: "resumed", channel: "prices:AAPL", epoch: "k3f", seq: 15 }]);
    const after = new BinaryEncoder();
    after.delta(9, 15, 19);
    after.out.varint(0).varint(0b010 << 1).varint(20 * 2);
    expect(decoder.decode(after.frame())).toMatchObject([{ prev: 15, seq: 19, rows: [{ symbol: "AAPL", price: 150.35 }] }]);
  });

  test("passes a delta over that does not follow, and reads what comes behind it in the frame", () => {
    const random = seeded(5);
    for (let i = 0; i < 60; i++) {
      const lost = new ModelChannel("c:lost", 1, random);
      const kept = new ModelChannel("c:kept", 2, random);
      const first = new BinaryEncoder();
      lost.snapshot(first);
      kept.snapshot(first);
      const decoder = decoderWith(first.frame());
      lost.delta(new BinaryEncoder());
      // 64 changes more would have the same lowest bits.
      if ((lost.seq & 63) === 0) lost.delta(new BinaryEncoder());
      const second = new BinaryEncoder();
      const missed = lost.delta(second);
      const delta = kept.delta(second);
      const messages = decoder.decode(second.frame());
      if (messages.some(({ type }) => type === "gap")) {
        expect(messages).toEqual([{ type: "gap", channel: "c:lost", resumable: true }, delta]);
      } else expect(messages).toHaveLength(missed === undefined ? 1 : 2);
    }
  });

  test("says that it can't resume from a place where it no longer is", () => {
    const decoder = decoderWith(priceSnapshot(), priceDelta(15, 18, 1));
    const encoder = new BinaryEncoder();
    encoder.resumed(7, "prices:AAPL", "k3f", 15);
    expect(decoder.decode(encoder.frame())).toMatchObject([{ type: "resumed" }, { type: "gap", resumable: false }]);
    expect(decoder.decode(priceDelta(15, 19, 2))).toEqual([]);
    expect(decoder.decode(priceSnapshot(20))).toMatchObject([{ type: "snapshot", seq: 20 }]);
    expect(decoder.decode(priceDelta(20, 21, 2))).toHaveLength(1);
  });

  test("forgets channel numbers with the connection, and channels that are not kept", () => {
    const decoder = decoderWith(priceSnapshot());
    decoder.begin(["prices:AAPL"]);
    expect(() => decoder.decode(priceDelta(15, 16, 1))).toThrow(/channel number 7 came before/);
    decoder.begin([]);
    const encoder = new BinaryEncoder();
    encoder.resumed(7, "prices:AAPL", "k3f", 15);
    expect(() => decoder.decode(encoder.frame())).toThrow(/the client has nothing/);
  });
});

describe("frames that break a rule", () => {
  const bad: [string, () => Uint8Array, RegExp][] = [
    ["an unknown channel number", () => new ByteWriter().varint(8 * 4).varint(15).varint(0).varint(0).take(), /channel number 8/],
    ["a message of JSON that is none", () => new ByteWriter().varint(3).text("[1]").take(), /no JSON object with a type/],
    ["a delta as JSON", () => new ByteWriter().varint(3).text('{"type":"delta"}').take(), /has its own form/],
    ["a number beside another message", () => new ByteWriter().varint(7).text("{}").take(), /must be 0/],
    ["a text longer than the frame", () => new ByteWriter().varint(5).varint(1_000_000).take(), /text length was 1000000 but 0 bytes/],
    ["no UTF-8", () => new ByteWriter().varint(5).varint(2).byte(0xc3).byte(0x28).take(), /no UTF-8/],
    ["a varint of eleven bytes", () => Uint8Array.from({ length: 11 }, () => 0x80), /longer than 64 bits/],
    ["more rows than bytes", () => {
      const encoder = new BinaryEncoder();
      encoder.snapshot(1, "c", "e", 0, "SUBSCRIBED", -1, TRADE, 1_000_000_000);
      return encoder.frame();
    }, /number of rows was 1000000000/],
    ["a key that is no field", () => {
      const encoder = new BinaryEncoder();
      encoder.snapshot(1, "c", "e", 0, "SUBSCRIBED", 9, TRADE, 0);
      return encoder.frame();
    }, /the key was field 9/],
    ["an unknown reason", () => new ByteWriter().varint(5).text("c").text("e").varint(1).byte(3).take(), /reason was above 2/],
    ["a mask beyond the fields", () => new ByteWriter().varint(28).varint(15).varint(0).varint(1 << 5).take(), /beyond the 3/],
    ["a scale that does not exist", () => new ByteWriter().varint(28).varint(15).varint(0).varint(4).varint(23 * 2 + 1).varint(2).take(), /scale 23/],
    ["a listed value that is not listed", () => new ByteWriter().varint(28).varint(15).varint(0).varint(8).varint(3).take(), /listed value 3 but 2/],
    ["a new row without its key", () => new ByteWriter().varint(28).varint(15).varint(4).varint(4).varint(5).varint(2).take(), /has no "symbol"/],
    ["a row with another key", () => new ByteWriter().varint(28).varint(15).varint(0).varint(2).varint(0).text("MSFT").take(), /was "AAPL" but came as "MSFT"/],
    ["a difference to nothing", () => new ByteWriter().varint(28).varint(15).varint(4).varint(6).varint(0).text("X").varint(2).take(), /was a difference/],
    ["a difference to a value that vanished", () => new ByteWriter().varint(28).varint(15).varint(1).varint(1).varint(2).varint(0).varint(4).varint(4).take(), /was a difference/],
    ["a difference to 8 bytes", () => {
      const writer = new ByteWriter().varint(28).varint(15).varint(1).varint(4).varint(127).double(1e300);
      return writer.varint(0).varint(4).varint(4).take();
    }, /was a difference/],
    ["a removed row that goes on", () => new ByteWriter().varint(28).varint(15).varint(3).varint(0).varint(4).varint(5).varint(2).take(), /has no "symbol"/],
    ["a frame that ends too soon", () => priceDelta(15, 16, 5).slice(0, -1), /the frame or part ends/],
  ];

  test.each(bad)("are refused with what, where and rule: %s", (_, frame, words) => {
    const decoder = decoderWith(priceSnapshot());
    expect(() => decoder.decode(frame())).toThrow(words);
    expect(() => decoder.decode(frame())).toThrow(/^at byte \d+ of \d+, .+: /);
  });

  test("hand over the messages before the wrong one, and name the channel that was broken", () => {
    const decoder = decoderWith(priceSnapshot());
    const frame = new Uint8Array([...priceDelta(15, 16, 1), ...priceDelta(16, 17, 1).slice(0, -1)]);
    let error: unknown;
    try {
      decoder.decode(frame);
    } catch (failure) {
      error = failure;
    }
    expect(error).toBeInstanceOf(FrameError);
    expect(error).toMatchObject({ channel: "prices:AAPL", decoded: [{ type: "delta", seq: 16 }] });
  });

  test("never do more than be refused, however they are made", () => {
    const outcomes = { read: 0, refused: 0 };
    for (let seed = 1; seed <= 4000; seed++) {
      const random = seeded(seed);
      const channel = new ModelChannel("c", 3, random);
      const frames = [new BinaryEncoder(), new BinaryEncoder(), new BinaryEncoder()];
      channel.snapshot(frames[0]!);
      channel.delta(frames[1]!);
      channel.delta(frames[2]!);
      const decoder = binaryCodec().newDecoder();
      for (const encoder of frames) {
        let frame = encoder.frame();
        if (random() < 0.3) frame = Uint8Array.from({ length: Math.floor(random() * 80) }, () => Math.floor(random() * 256));
        else if (random() < 0.3) frame = frame.slice(0, Math.floor(random() * frame.length));
        else for (let flips = Math.floor(random() * 4); flips > 0; flips--) frame[Math.floor(random() * frame.length)] = Math.floor(random() * 256);
        try {
          // Every row costs at least a byte: what comes out is bounded by what came in.
          const rows = decoder.decode(frame).reduce((sum, message) => sum + ("rows" in message ? message.rows.length : 0), 0);
          expect(rows, `seed ${seed}`).toBeLessThanOrEqual(frame.length);
          outcomes.read++;
        } catch (failure) {
          if (!(failure instanceof FrameError)) throw new Error(`seed ${seed}`, { cause: failure });
          outcomes.refused++;
        }
      }
    }
    expect(outcomes.read).toBeGreaterThan(1000);
    expect(outcomes.refused).toBeGreaterThan(1000);
  });
});
