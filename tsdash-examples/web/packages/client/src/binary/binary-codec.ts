import { FrameError, messageOf, type FrameDecoder, type MessageCodec } from "../codec.ts";
import type { Gap, Resumed, ServerMessage, Snapshot, SnapshotReason } from "../protocol.ts";
import { ByteReader } from "../byte-reader.ts";
import { ChannelState, isKeyKind } from "./channel-state.ts";
import { readFields } from "./fields.ts";

const REASONS: readonly SnapshotReason[] = ["SUBSCRIBED", "RESET", "SLOW"];
/** These have their own form; as JSON they would bypass what differences build on. */
const OWN_FORM = new Set(["snapshot", "delta", "resumed"]);

/** `tsdash.v1.binary`: the compact form of docs/codecs.md, a fraction of the bytes of JSON. */
export function binaryCodec(): MessageCodec {
  return { subprotocol: "tsdash.v1.binary", newDecoder: () => new BinaryDecoder() };
}

class BinaryDecoder implements FrameDecoder {
  private channels = new Map<string, ChannelState>();
  /** Which channel a number means, on this connection. */
  private readonly numbers = new Map<number, ChannelState>();

  begin(channels: Iterable<string>): void {
    const kept = new Map<string, ChannelState>();
    for (const name of channels) {
      const state = this.channels.get(name);
      if (state !== undefined) kept.set(name, state);
    }
    this.channels = kept;
    this.numbers.clear();
  }

  decode(frame: unknown): ServerMessage[] {
    const messages: ServerMessage[] = [];
    const reader = ByteReader.of(frame, "tsdash.v1.binary");
    let touched: ChannelState | undefined;
    try {
      while (reader.left > 0) {
        reader.where = "message head";
        touched = undefined;
        const head = reader.varint();
        const number = Math.floor(head / 4);
        switch (head & 3) {
          case 0: {
            touched = this.known(reader, number);
            reader.where = `delta of ${touched.name}`;
            const lostBefore = touched.lost;
            const delta = touched.readDelta(reader);
            if (delta !== undefined) messages.push(delta);
            else if (!lostBefore) messages.push({ type: "gap", channel: touched.name, resumable: true });
            break;
          }
          case 1:
            messages.push(this.readSnapshot(reader, number));
            break;
          case 2:
            messages.push(...this.readResumed(reader, number));
            break;
          default:
            messages.push(readOther(reader, number));
        }
      }
    } catch (failure) {
      if (!(failure instanceof FrameError)) throw failure;
      throw new FrameError(failure.message, messages, touched?.name);
    }
    return messages;
  }

  private known(reader: ByteReader, number: number): ChannelState {
    const state = this.numbers.get(number);
    if (state === undefined) reader.fail(`a delta of channel number ${number} came before its snapshot or resumed`);
    return state;
  }

  private readSnapshot(reader: ByteReader, number: number): Snapshot {
    const channel = reader.text();
    reader.where = `snapshot of ${channel}`;
    const epoch = reader.text();
    const seq = reader.varint();
    const reason = REASONS[reader.byte()];
    if (reason === undefined) reader.fail(`reason was above ${REASONS.length - 1}`);
    const keyField = reader.varint() - 1;
    const fields = readFields(reader);
    if (keyField >= 0 && !isKeyKind(fields[keyField]?.kind ?? -1)) {
      reader.fail(`the key was field ${keyField}, but must be a text, time or number of the ${fields.length} fields`);
    }
    const state = new ChannelState(channel, epoch, seq, keyField, fields);
    const rows = state.readAll(reader);
    // Only when all of it was read: a snapshot that breaks off leaves what was there before.
    this.channels.set(channel, state);
    this.numbers.set(number, state);
    const { key } = state;
    return { type: "snapshot", channel, epoch, seq, reason, ...(key === undefined ? {} : { key }), rows };
  }

  private readResumed(reader: ByteReader, number: number): (Resumed | Gap)[] {
    const channel = reader.text();
    reader.where = `resumed of ${channel}`;
    const epoch = reader.text();
    const seq = reader.varint();
    const state = this.channels.get(channel);
    if (state === undefined) reader.fail("a channel is resumed of which the client has nothing");
    this.numbers.set(number, state);
    const resumed: Resumed = { type: "resumed", channel, epoch, seq };
    state.lost = !state.isAt(epoch, seq);
    // What follows builds on a place where this client no longer is.
    return state.lost ? [resumed, { type: "gap", channel, resumable: false }] : [resumed];
  }
}

function readOther(reader: ByteReader, number: number): ServerMessage {
  if (number !== 0) reader.fail(`channel number of another message was ${number} but must be 0`);
  const text = reader.text();
  let message: ServerMessage | undefined;
  try {
    message = messageOf(JSON.parse(text));
  } catch {
    // Said below, with what is no message.
  }
  if (message === undefined) reader.fail(`'${text.slice(0, 40)}' was no JSON object with a type`);
  if (OWN_FORM.has(message.type)) reader.fail(`"${message.type}" came as JSON but has its own form`);
  return message;
}
