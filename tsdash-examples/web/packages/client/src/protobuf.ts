export { protobufCodec } from "./protobuf/protobuf-codec.ts";
