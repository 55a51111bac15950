import { ByteReader } from "../byte-reader.ts";
import type { FrameDecoder, MessageCodec } from "../codec.ts";
import type { ServerMessage } from "../protocol.ts";
import { SERVER_MESSAGE } from "./schema.ts";
import { readMessage, readPart } from "./wire.ts";

const SUBPROTOCOL = "tsdash.v1.protobuf";

/** `tsdash.v1.protobuf`: the messages of `tsdash.proto`, as JSON would bring them. */
export function protobufCodec(): MessageCodec {
  return { subprotocol: SUBPROTOCOL, newDecoder: () => DECODER };
}

const DECODER: FrameDecoder = {
  begin: () => {},
  decode(frame) {
    const reader = ByteReader.of(frame, SUBPROTOCOL);
    const messages: ServerMessage[] = [];
    readMessage(
      reader,
      {
        1: (_, wireType) => {
          const found: { message?: ServerMessage } = {};
          readPart(reader, wireType, () => readMessage(reader, SERVER_MESSAGE, found));
          // One that is not set is newer than this client.
          if (found.message !== undefined) messages.push(found.message);
        },
      },
      {},
    );
    return messages;
  },
};
