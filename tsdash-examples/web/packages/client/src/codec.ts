import type { ServerMessage } from "./protocol.ts";

/** One form of the wire (docs/codecs.md). A feed asks for it by its subprotocol. */
export interface MessageCodec {
  readonly subprotocol: string;
  newDecoder(): FrameDecoder;
}

/** Turns frames into messages for one client, over all its connections. */
export interface FrameDecoder {
  /** A connection begins. Only what is known of `channels` may be gone on with after `resumed`; the rest is forgotten. */
  begin(channels: Iterable<string>): void;
  /**
   * @param frame a text, or the bytes of a binary frame
   * @throws FrameError when the frame breaks a rule; nothing else is thrown
   */
  decode(frame: unknown): ServerMessage[];
}

/** A frame that breaks a rule of its form. The connection can't be trusted further and has to be begun anew. */
export class FrameError extends Error {
  /** The messages of the frame before the place that is wrong; they hold. */
  readonly decoded: ServerMessage[];
  /** The channel whose state was being changed: it can't be resumed. */
  readonly channel: string | undefined;

  constructor(message: string, decoded: ServerMessage[] = [], channel?: string) {
    super(message);
    this.name = "FrameError";
    this.decoded = decoded;
    this.channel = channel;
  }
}

/** Takes what a JSON text or a message of another form says for messages, if it has their shape. */
export function messageOf(value: unknown): ServerMessage | undefined {
  return typeof value === "object" && value !== null && "type" in value ? (value as ServerMessage) : undefined;
}

const JSON_DECODER: FrameDecoder = {
  begin: () => {},
  decode(frame) {
    if (typeof frame !== "string") throw new FrameError("frame was binary but frames of tsdash.v1.json are text");
    let messages: unknown;
    try {
      messages = JSON.parse(frame);
    } catch (failure) {
      throw new FrameError(`frame was no JSON: ${String(failure)}`);
    }
    if (!Array.isArray(messages) || messages.some((message) => messageOf(message) === undefined)) {
      throw new FrameError(`frame began with '${frame.slice(0, 40)}' but a frame is an array of messages with a type`);
    }
    return messages as ServerMessage[];
  },
};

/** `tsdash.v1.json`: the form that docs/protocol.md shows, and the default. */
export function jsonCodec(): MessageCodec {
  return { subprotocol: "tsdash.v1.json", newDecoder: () => JSON_DECODER };
}
