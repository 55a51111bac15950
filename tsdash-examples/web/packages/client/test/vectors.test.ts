import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { binaryCodec, FrameError, jsonCodec, type MessageCodec } from "../src/index.ts";
import { msgpackCodec } from "../src/msgpack.ts";
import { protobufCodec } from "../src/protobuf.ts";
import { seeded } from "./seeded.ts";

/** The files that the Java client runs too; a README beside them says what is in them. */
const FOLDER = new URL("../../../../../tsdash-transport/src/test/resources/vectors/", import.meta.url);

interface Vectors {
  form: string;
  frames: { name: string; hex: string; messages: unknown[] }[];
}

const CODECS: MessageCodec[] = [jsonCodec(), msgpackCodec(), protobufCodec(), binaryCodec()];
const read = (form: string): Vectors => JSON.parse(readFileSync(new URL(`${form}.json`, FOLDER), "utf8"));
const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
/** Frames of JSON are texts. */
const frameOf = (form: string, bytes: Uint8Array) => (form === "tsdash.v1.json" ? new TextDecoder().decode(bytes) : bytes);

test("there is a file for each form that this client reads, and no other", () => {
  const files = readdirSync(FOLDER).filter((name) => name.startsWith("tsdash."));
  expect(files.sort()).toEqual(CODECS.map(({ subprotocol }) => `${subprotocol}.json`).sort());
});

test.each(CODECS)("says what the vectors say ($subprotocol)", (codec) => {
  const { form, frames } = read(codec.subprotocol);
  expect(form).toBe(codec.subprotocol);
  expect(frames.length).toBeGreaterThan(10);
  const decoder = codec.newDecoder();
  for (const { name, hex, messages } of frames) {
    expect(decoder.decode(frameOf(form, bytesOf(hex))), name).toEqual(messages);
  }
});

test.each(CODECS)("refuses mutated vectors with its own error alone ($subprotocol)", (codec) => {
  const { form, frames } = read(codec.subprotocol);
  const outcomes = { read: 0, refused: 0 };
  for (let seed = 1; seed <= 300; seed++) {
    const random = seeded(seed);
    const below = (limit: number) => Math.floor(random() * limit);
    const decoder = codec.newDecoder();
    for (const { hex } of frames) {
      let bytes = bytesOf(hex);
      if (random() < 0.3) bytes = bytes.slice(0, below(bytes.length));
      for (let flips = below(4); flips > 0; flips--) bytes[below(bytes.length)] = below(256);
      try {
        decoder.decode(frameOf(form, bytes));
        outcomes.read++;
      } catch (failure) {
        if (!(failure instanceof FrameError)) throw new Error(`seed ${seed}`, { cause: failure });
        outcomes.refused++;
      }
    }
  }
  expect(outcomes.read).toBeGreaterThan(100);
  expect(outcomes.refused).toBeGreaterThan(100);
});
